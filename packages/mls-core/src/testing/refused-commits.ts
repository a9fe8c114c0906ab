import type { MlsErrorCode } from "@openmls-ts/traits";
import { type ForgedCommit, forgeCommit } from "./forge-commit.ts";
import { expectRefused, insideOf, type World } from "./world.ts";

/** One thing that is wrong about a commit of Mallory's. */
export type CommitCase = readonly [
  name: string,
  code: MlsErrorCode,
  rule: string | undefined,
  forged: (all: World) => ForgedCommit | Promise<ForgedCommit>,
];

/** Makes the commit, and expects everybody to refuse it and to go on as before. */
export async function expectCommitRefused(all: World, [, code, rule, forged]: CommitCase): Promise<void> {
  const { mallory } = all;
  const options = await forged(all);
  const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, options);
  await expectRefused(all, message, code, rule);
}
