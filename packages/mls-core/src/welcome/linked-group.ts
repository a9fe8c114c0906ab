import { bytesToKey, equalBytes, violation } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import { validateSuccessor } from "../credential/index.ts";
import {
  type CredentialWithKey,
  encodeCredential,
  extensions,
  type GroupContext,
  type PreSharedKeyId,
  type ReInit,
  type ResumptionPskId,
} from "../wire/index.ts";
import type { Environment } from "../environment.ts";
import { PskType, ResumptionPskUsage } from "../registry.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";

/** What a client still knows of a group that a new one continues. */
export interface LinkedGroup {
  readonly groupContext: GroupContext;
  readonly tree: RatchetTree;
  /** The ReInit of its last commit. */
  readonly reinit: ReInit | undefined;
}

/** The resumption PSK that links a new group to an old one: at most one. @throws MlsError rule valn1401 */
export function linkingPsk(psks: readonly PreSharedKeyId[]): ResumptionPskId | undefined {
  const linking = psks.filter(
    (psk): psk is PreSharedKeyId & ResumptionPskId =>
      psk.pskType === PskType.resumption && psk.usage !== ResumptionPskUsage.application,
  );
  if (linking.length > 1) {
    throw violation("valn1401", "more than one PSK of usage reinit or branch"); // RFC 9420 §12.4.3.1
  }
  return linking[0];
}

/**
 * Each member of one tree is also in the other, by the application's test of successors (RFC 9420 §5.3.1). Those of the
 * same credential are compared first, so that an honest group takes as many comparisons as it has members.
 */
async function checkMatches(
  env: Environment,
  rule: string,
  who: RatchetTree,
  among: RatchetTree,
  groupId: Uint8Array,
): Promise<void> {
  const whoIsOld = rule === "valn1413";
  const matches = async (one: CredentialWithKey, other: CredentialWithKey | undefined): Promise<boolean> =>
    other !== undefined &&
    validateSuccessor(env, whoIsOld ? one : other, whoIsOld ? other : one, { groupId, purpose: "join" }).then(
      () => true,
      () => false,
    );
  const others = [...among.members()].map(([, leaf]) => leaf);
  const keyOf = ({ credential }: CredentialWithKey): string => bytesToKey(encodeCredential(credential));
  const alike = new Map(others.map((leaf) => [keyOf(leaf), leaf]));
  for (const [leafIndex, leaf] of who.members()) {
    let found = await matches(leaf, alike.get(keyOf(leaf)));
    for (let at = 0; !found && at < others.length; at++) {
      found = await matches(leaf, others[at]);
    }
    if (!found) {
      throw violation(rule, `leaf ${leafIndex} matches no member of the other group`);
    }
  }
}

/**
 * The rules for a group that continues another one (RFC 9420 §11.2, 11.3, 12.4.3.1).
 * @param old `undefined` when this client knows nothing of it
 * @throws MlsError `ERR_MLS_VALIDATION` rules valn1412, valn1413, valn1414
 */
export async function checkLink(
  env: Environment,
  psk: ResumptionPskId,
  groupContext: GroupContext,
  tree: RatchetTree,
  old: LinkedGroup | undefined,
): Promise<void> {
  if (groupContext.epoch !== 1n) {
    throw violation("valn1412", "a linked group is joined at epoch 1"); // RFC 9420 §12.4.3.1
  }
  const { groupId } = groupContext;
  if (psk.usage === ResumptionPskUsage.reinit) {
    const reinit = old?.reinit;
    if (
      old === undefined ||
      reinit === undefined ||
      psk.pskEpoch !== old.groupContext.epoch ||
      !equalBytes(reinit.groupId, groupId) ||
      reinit.version !== groupContext.version ||
      reinit.cipherSuite !== groupContext.cipherSuite ||
      !equalBytes(encode(extensions, reinit.extensions), encode(extensions, groupContext.extensions))
    ) {
      throw violation("valn1413", "the group is not what the ReInit announced"); // RFC 9420 §11.2
    }
    await checkMatches(env, "valn1413", old.tree, tree, groupId);
    return;
  }
  if (
    old === undefined ||
    old.groupContext.version !== groupContext.version ||
    old.groupContext.cipherSuite !== groupContext.cipherSuite
  ) {
    throw violation("valn1414", "not the old group's version and suite"); // RFC 9420 §11.3
  }
  await checkMatches(env, "valn1414", tree, old.tree, groupId);
}
