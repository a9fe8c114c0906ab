import { badArgument, isBytes } from "@openmls-ts/traits";

/** Bytes, or text that stands for them: hexadecimal, base64 or base64url, with spaces and line ends, also between PEM's lines. */
export function bytesOf(input: unknown): Uint8Array {
  if (isBytes(input)) {
    return new Uint8Array(input);
  }
  if (typeof input !== "string") {
    throw badArgument("input", input, "bytes or text");
  }
  const text = input.replace(/^-----.*$/gm, "").replace(/\s/g, "");
  if (/^(0x)?([0-9a-f]{2})*$/i.test(text)) {
    return fromHex(text.replace(/^0x/i, ""));
  }
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (/^[A-Za-z0-9+/]*$/.test(base64) && base64.length % 4 !== 1) {
    return fromBase64(base64);
  }
  throw badArgument("input", "text that is neither", "hexadecimal or base64");
}

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
