import { pskSecret } from "../../../packages/mls-core/src/key-schedule/index.ts";
import { PskType } from "../../../packages/mls-core/src/registry.ts";
import { hex, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface PskSecret {
  readonly psks: readonly { readonly psk_id: string; readonly psk: string; readonly psk_nonce: string }[];
  readonly psk_secret: string;
}

/** Several external PSKs into one secret (RFC 9420 §8.4). */
export const pskSecrets: VectorFormat<PskSecret> = {
  name: "psk-secret",
  fileName: /psk-secret/,
  keys: ["cipher_suite", "psks", "psk_secret"],
  run: async ({ psks, psk_secret }, { suite }) => {
    const named = psks.map(({ psk_id, psk, psk_nonce }) => ({
      id: { pskType: PskType.external, pskId: hex(psk_id), pskNonce: hex(psk_nonce) },
      psk: hex(psk),
    }));
    sameBytes("psk_secret", pskSecret(suite, named), psk_secret);
  },
};
