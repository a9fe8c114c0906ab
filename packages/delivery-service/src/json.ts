import { DeliveryError } from "@openmls-ts/client";

/** A parsed body, of which nothing is believed. */
export type Json = Readonly<Record<string, unknown>>;

function invalid(name: string): DeliveryError {
  return new DeliveryError("invalid", `"${name}" is missing or of another kind`);
}

/** base64url without padding. */
export function toText(bytes: Uint8Array): string {
  let binary = "";
  for (const octet of bytes) binary += String.fromCharCode(octet);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The inverse of {@link toText}. @throws DeliveryError `invalid` */
export function toBytes(name: string, text: unknown): Uint8Array {
  if (typeof text !== "string" || !/^[\w-]*$/.test(text) || text.length % 4 === 1) throw invalid(name);
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Bytes as text, bigints as decimal digits, all the way down. */
export function encodeJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return toText(value);
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(encodeJson);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, encodeJson(field)]));
  }
  return value;
}

export function object(name: string, value: unknown): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(name);
  return value as Json;
}

export function bytes(from: Json, name: string): Uint8Array {
  return toBytes(name, from[name]);
}

export function optionalBytes(from: Json, name: string): Uint8Array | undefined {
  return from[name] === undefined ? undefined : bytes(from, name);
}

/** A place, an epoch or a time: below 2^53, as SQLite keeps it. */
export function big(from: Json, name: string): bigint {
  const value = from[name];
  if (typeof value !== "string" || !/^\d{1,16}$/.test(value)) throw invalid(name);
  const number = BigInt(value);
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(name);
  return number;
}

export function integer(from: Json, name: string, most: number): number {
  const value = from[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > most) throw invalid(name);
  return value;
}

export function text(from: Json, name: string, most: number): string {
  const value = from[name];
  if (typeof value !== "string" || value.length === 0 || value.length > most) throw invalid(name);
  return value;
}

export function boolean(from: Json, name: string): boolean {
  const value = from[name];
  if (typeof value !== "boolean") throw invalid(name);
  return value;
}

/** A list of at most `most` elements, each read by `read`. */
export function list<T>(from: Json, name: string, most: number, read: (value: unknown) => T): T[] {
  const value = from[name];
  if (!Array.isArray(value) || value.length > most) throw invalid(name);
  return value.map(read);
}
