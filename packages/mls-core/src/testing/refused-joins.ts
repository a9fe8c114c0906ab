import type { MlsErrorCode } from "@openmls-ts/traits";
import { expect } from "vitest";
import { MlsGroup, StagedWelcome } from "../index.ts";
import { type Client, keyPackageOf } from "./client.ts";
import { forgeGroupInfo, type ForgedGroupInfo, type ForgedWelcome, forgeWelcome } from "./forge-welcome.ts";
import { mlsError } from "./suites.ts";
import { insideOf, newcomer, recordsOf, type World } from "./world.ts";

/** That a Welcome is refused, and that an honest one for the same KeyPackage still works (trap56). */
export async function expectWelcomeRefused(
  all: World,
  forged: ForgedWelcome,
  code: MlsErrorCode,
  rule?: string,
  options: { readonly dave?: Client; readonly ratchetTree?: Uint8Array } = {},
): Promise<void> {
  const { mallory } = all;
  const dave = options.dave ?? (await newcomer("dave"));
  const { fields } = await keyPackageOf(dave);
  const state = await insideOf(mallory);
  const { message } = await forgeWelcome(state, mallory.signer, [fields], forged);
  const before = recordsOf(dave);
  const tree = options.ratchetTree === undefined ? {} : { ratchetTree: options.ratchetTree };
  await expect(StagedWelcome.fromWelcome(dave.provider, message, tree)).rejects.toThrow(mlsError(code, rule));
  expect(recordsOf(dave)).toBe(before);
  const honest = await forgeWelcome(state, mallory.signer, [fields]);
  const group = await (await StagedWelcome.fromWelcome(dave.provider, honest.message)).intoGroup();
  expect(group.members()).toHaveLength(5);
}

/** The same GroupInfo offered for an external join. */
export async function expectGroupInfoRefused(
  all: World,
  forged: ForgedGroupInfo,
  code: MlsErrorCode,
  rule?: string,
): Promise<void> {
  const { mallory } = all;
  const dave = await newcomer("dave");
  const groupInfo = await forgeGroupInfo(await insideOf(mallory), mallory.signer, forged);
  await expect(
    MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
      groupInfo,
      credentialWithKey: dave.credentialWithKey,
    }),
  ).rejects.toThrow(mlsError(code, rule));
  expect(dave.storage.entries()).toHaveLength(0);
}
