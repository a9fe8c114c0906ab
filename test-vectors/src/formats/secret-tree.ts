import { DEFAULT_LIMITS, Secret } from "@openmls-ts/traits";
import { senderDataKeyAndNonce } from "../../../packages/mls-core/src/protection/index.ts";
import { type RatchetKind, SecretTree } from "../../../packages/mls-core/src/secret-tree/index.ts";
import { hex, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface LeafKeys {
  readonly generation: number;
  readonly handshake_key: string;
  readonly handshake_nonce: string;
  readonly application_key: string;
  readonly application_nonce: string;
}

interface SecretTreeVector {
  readonly sender_data: {
    readonly sender_data_secret: string;
    readonly ciphertext: string;
    readonly key: string;
    readonly nonce: string;
  };
  readonly encryption_secret: string;
  readonly leaves: readonly (readonly LeafKeys[])[];
}

const kinds: readonly RatchetKind[] = ["handshake", "application"];

/** Keys of sender data and of the ratchets of all leaves (RFC 9420 §6.3.2, 9). */
export const secretTree: VectorFormat<SecretTreeVector> = {
  name: "secret-tree",
  fileName: /secret-tree/,
  keys: ["cipher_suite", "sender_data", "encryption_secret", "leaves"],
  run: async ({ sender_data, encryption_secret, leaves }, { suite }) => {
    const secret = hex(sender_data.sender_data_secret);
    const { key, nonce } = senderDataKeyAndNonce(suite, secret, hex(sender_data.ciphertext));
    sameBytes("sender_data.key", key, sender_data.key);
    sameBytes("sender_data.nonce", nonce, sender_data.nonce);

    const root = new Secret(hex(encryption_secret));
    const tree = SecretTree.create(suite, leaves.length, root, DEFAULT_LIMITS);
    for (const [leaf, generations] of leaves.entries()) {
      for (const vector of generations) {
        for (const kind of kinds) {
          const what = `leaf ${leaf}, generation ${vector.generation}: ${kind}`;
          const candidate = tree.peek(leaf, kind, vector.generation);
          sameBytes(`${what}_key`, candidate.key, vector[`${kind}_key`]);
          sameBytes(`${what}_nonce`, candidate.nonce, vector[`${kind}_nonce`]);
          tree.apply(candidate);
        }
      }
    }
  },
};
