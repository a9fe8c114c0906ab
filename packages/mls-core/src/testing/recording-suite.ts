import type { CipherSuite } from "@openmls-ts/traits";
import { altered } from "./suites.ts";

/** Secret bytes that a suite handed out. */
export interface Recorded {
  /** The method, followed by its HKDF label where it has one. */
  readonly from: string;
  /** The live array. */
  readonly bytes: Uint8Array;
}

/** A suite that remembers every array with a secret that it hands out, to see which of them are erased. */
export interface Recording {
  readonly suite: CipherSuite;
  readonly recorded: Recorded[];
}

export function recordingSuite(base: CipherSuite): Recording {
  const recorded: Recorded[] = [];
  const note = <B extends Uint8Array>(from: string, bytes: B): B => {
    recorded.push({ from, bytes });
    return bytes;
  };
  const suite = altered(base, {
    randomBytes: (length) => note("randomBytes", base.randomBytes(length)),
    hkdfExtract: (salt, input) => note("hkdfExtract", base.hkdfExtract(salt, input)),
    hkdfExpand: (key, info, length) =>
      note(`hkdfExpand ${labelOf(info)}`, base.hkdfExpand(key, info, length)),
    deriveKeyPair: async (input) => {
      const keys = await base.deriveKeyPair(input);
      note("deriveKeyPair", keys.privateKey);
      return keys;
    },
    hpkeOpen: async (...given) => note("hpkeOpen", await base.hpkeOpen(...given)),
    hpkeExportSender: async (...given) => {
      const exported = await base.hpkeExportSender(...given);
      note("hpkeExportSender", exported.secret);
      return exported;
    },
    hpkeExportReceiver: async (...given) =>
      note("hpkeExportReceiver", await base.hpkeExportReceiver(...given)),
    aeadOpen: async (...given) => note("aeadOpen", await base.aeadOpen(...given)),
  });
  return { suite, recorded };
}

/** Whether a secret is still in memory. */
export function isLeft({ bytes }: Recorded): boolean {
  return bytes.some((byte) => byte !== 0);
}

/** The `MLS 1.0` label of a KDFLabel (RFC 9420 §8). */
function labelOf(info: Uint8Array): string {
  const length = info[2] ?? 0;
  return String.fromCharCode(...info.subarray(3, 3 + length)).replace("MLS 1.0 ", "");
}
