import { bytesToKey, equalBytes, MlsError, violation } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import { validateSuccessor } from "../credential/index.ts";
import type { Environment } from "../feature/index.ts";
import { PskType, ResumptionPskUsage } from "../registry.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import {
  type CredentialWithKey,
  encodeCredential,
  extensions,
  type GroupContext,
  type LeafNode,
  type PreSharedKeyId,
  type ReInit,
  type ResumptionPskId,
} from "../wire/index.ts";

/** What a client still knows of a group that a new one continues. */
export interface OldGroup {
  readonly version: number;
  readonly cipherSuite: number;
  readonly epoch: bigint;
  /** The ReInit of its last commit. */
  readonly reinit: ReInit | undefined;
  /** The leaves of an epoch; `undefined` where they are not known any more. */
  leavesAt(epoch: bigint): readonly LeafNode[] | undefined;
}

/** The resumption PSK that links a new group to an old one: at most one. @throws MlsError rule valn1401 */
export function linkingPsk(psks: readonly PreSharedKeyId[]): ResumptionPskId | undefined {
  const linking = psks.filter(
    (psk): psk is PreSharedKeyId & ResumptionPskId =>
      psk.pskType === PskType.resumption && "usage" in psk && psk.usage !== ResumptionPskUsage.application,
  );
  if (linking.length > 1) {
    throw violation("valn1401", "more than one PSK of usage reinit or branch"); // RFC 9420 §12.4.3.1
  }
  return linking[0];
}

/** How many comparisons one leaf may cost on average, where credentials are not equal. */
const COMPARISONS = 16;

/**
 * Each of one group is also in the other, by the application's test of successors (RFC 9420 §5.3.1). Those of the same
 * credential are compared first, so that an honest group takes as many comparisons as it has members.
 */
async function checkMatches(
  env: Environment,
  rule: "valn1413" | "valn1414",
  who: readonly CredentialWithKey[],
  among: readonly CredentialWithKey[],
  groupId: Uint8Array,
): Promise<void> {
  const whoIsOld = rule === "valn1413";
  let budget = COMPARISONS * (who.length + among.length);
  const matches = async (one: CredentialWithKey, other: CredentialWithKey | undefined): Promise<boolean> => {
    if (other === undefined) {
      return false;
    }
    if (budget-- <= 0) {
      throw new MlsError("ERR_MLS_LIMIT", "too many credentials differ between old and new group", { rule });
    }
    const [old, next] = whoIsOld ? [one, other] : [other, one];
    return validateSuccessor(env, old, next, { groupId, purpose: "join" }).then(
      () => true,
      () => false,
    );
  };
  const keyOf = ({ credential }: CredentialWithKey): string => bytesToKey(encodeCredential(credential));
  const alike = new Map(among.map((leaf) => [keyOf(leaf), leaf]));
  const bySuccession = env.provider.credentialValidator.isSuccessor !== undefined;
  for (const leaf of who) {
    let found = await matches(leaf, alike.get(keyOf(leaf)));
    for (let at = 0; bySuccession && !found && at < among.length; at++) {
      found = await matches(leaf, among[at]);
    }
    if (!found) {
      throw violation(rule, "a member of one group matches none of the other");
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
  old: OldGroup | undefined,
): Promise<void> {
  if (groupContext.epoch !== 1n) {
    throw violation("valn1412", "a linked group is joined at epoch 1"); // RFC 9420 §12.4.3.1
  }
  const { groupId } = groupContext;
  const before = old?.leavesAt(psk.pskEpoch);
  const now = [...tree.members()].map(([, leaf]) => leaf);
  if (psk.usage === ResumptionPskUsage.reinit) {
    const reinit = old?.reinit;
    if (
      before === undefined ||
      reinit === undefined ||
      psk.pskEpoch !== old?.epoch ||
      !equalBytes(reinit.groupId, groupId) ||
      reinit.version !== groupContext.version ||
      reinit.cipherSuite !== groupContext.cipherSuite ||
      !equalBytes(encode(extensions, reinit.extensions), encode(extensions, groupContext.extensions))
    ) {
      throw violation("valn1413", "the group is not what the ReInit announced"); // RFC 9420 §11.2
    }
    await checkMatches(env, "valn1413", before, now, groupId);
    return;
  }
  if (old?.version !== groupContext.version || old.cipherSuite !== groupContext.cipherSuite) {
    throw violation("valn1414", "not the old group's version and suite"); // RFC 9420 §11.3
  }
  if (before === undefined) {
    throw violation("valn1414", `who was in the old group in epoch ${psk.pskEpoch} is not known any more`);
  }
  await checkMatches(env, "valn1414", now, before, groupId);
}
