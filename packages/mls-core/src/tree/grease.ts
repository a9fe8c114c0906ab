import { type Capabilities, type Extension } from "../wire/index.ts";

interface RandomSource {
  randomBytes(length: number): Uint8Array;
}

/** A random value of those reserved by RFC 9420 §13.5: 0x0A0A, 0x1A1A, … 0xEAEA. */
export function greaseValue(random: RandomSource): number {
  const high = (random.randomBytes(1)[0] ?? 0) % 15;
  return (high * 16 + 0x0a) * 0x101;
}

/** What features are told of GREASE: a value for what they make, where all of it is wanted. */
export function greaseFact(random: RandomSource, grease: boolean | string): { readonly grease?: number } {
  return grease === true ? { grease: greaseValue(random) } : {};
}

/** Capabilities with one reserved value in each list, so that receivers stay used to unknown values. */
export function greaseCapabilities(random: RandomSource, capabilities: Capabilities): Capabilities {
  return {
    versions: capabilities.versions,
    cipherSuites: [...capabilities.cipherSuites, greaseValue(random)],
    extensions: [...capabilities.extensions, greaseValue(random)],
    proposals: [...capabilities.proposals, greaseValue(random)],
    credentials: [...capabilities.credentials, greaseValue(random)],
  };
}

/** An extension of a reserved type, for GroupInfo and KeyPackage (RFC 9420 §13.5). */
export function greaseExtension(random: RandomSource): Extension {
  return { extensionType: greaseValue(random), extensionData: random.randomBytes(4) };
}
