import { nextPathSecret } from "../../../packages/mls-core/src/treekem/path-secret.ts";
import { hex, holds, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface PathSecret {
  readonly generations: readonly string[];
}

/** Path secrets of a direct path, from the leaf's upwards: path_secret[n+1] from path_secret[n] (RFC 9420 §7.4). */
export const pathSecret: VectorFormat<PathSecret> = {
  name: "path-secret",
  fileName: /path-secret/,
  keys: ["cipher_suite", "generations"],
  run: async ({ generations }, { suite }) => {
    holds("there are two or more generations", generations.length >= 2);
    let secret = hex(generations[0]!);
    for (const [n, expected] of generations.slice(1).entries()) {
      secret = nextPathSecret(suite, secret);
      sameBytes(`path_secret[${n + 1}]`, secret, expected);
    }
  },
};
