import { type CipherSuite, MlsError, type Signer, violation } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import type { Environment } from "../feature/index.ts";
import type { EpochState } from "../epoch/index.ts";
import { checkPlacement } from "../extension/index.ts";
import type { Grease } from "../key-package/index.ts";
import { externalPublicKey } from "../key-schedule/index.ts";
import { signChecked, verifyWithLabel } from "../labels/index.ts";
import { ExtensionType } from "../registry.ts";
import { greaseExtension, greaseFact } from "../tree/grease.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import {
  externalPubExtension,
  type Extension,
  type GroupInfo,
  type GroupInfoTbs,
  groupInfoTbs,
  ratchetTreeExtension,
} from "../wire/index.ts";

const LABEL = "GroupInfoTBS"; // RFC 9420 §12.4.3

/** Signs a GroupInfo with the key of the leaf at `tbs.signer`. @throws MlsError `ERR_MLS_USAGE` */
export async function signGroupInfo(
  suite: CipherSuite,
  signer: Signer,
  tbs: GroupInfoTbs,
): Promise<GroupInfo> {
  return { ...tbs, signature: await signChecked(suite, signer, LABEL, encode(groupInfoTbs, tbs)) };
}

/**
 * Verifies a GroupInfo's signature by the tree it comes with (RFC 9420 §12.4.3.1).
 * @throws MlsError `ERR_MLS_INVALID_SIGNATURE` rule valn1402, also for a blank signer
 */
export async function verifyGroupInfo(suite: CipherSuite, tree: RatchetTree, info: GroupInfo): Promise<void> {
  const leaf = tree.leaf(info.signer);
  if (
    leaf === undefined ||
    !(await verifyWithLabel(suite, leaf.signatureKey, LABEL, encode(groupInfoTbs, info), info.signature))
  ) {
    throw new MlsError("ERR_MLS_INVALID_SIGNATURE", "bad signature on a GroupInfo", { rule: "valn1402" });
  }
}

/** What belongs into a GroupInfo beside the state. */
export interface GroupInfoContent {
  readonly ratchetTree: boolean;
  readonly externalPub: boolean;
  readonly grease: Grease;
  /** What the application adds. */
  readonly extensions: readonly Extension[];
  /** Inside a Welcome, or published for external joins. */
  readonly place: "welcome" | "groupInfo";
}

/** A signed GroupInfo of an epoch (RFC 9420 §12.4.3). @throws MlsError `ERR_MLS_VALIDATION` rules valn1602, rfc114 */
export async function makeGroupInfo(
  env: Environment,
  signer: Signer,
  signerLeaf: number,
  epoch: EpochState,
  content: GroupInfoContent,
): Promise<GroupInfo> {
  const { suite, features } = env;
  const { groupContext, confirmationTag } = epoch;
  const { groupId, cipherSuite } = groupContext;
  const extensions: Extension[] = [];
  if (content.ratchetTree) {
    extensions.push(ratchetTreeExtension(epoch.tree.exportNodes()));
  }
  if (content.externalPub) {
    extensions.push(externalPubExtension(await externalPublicKey(suite, epoch.secrets.externalSecret)));
  }
  const facts = { cipherSuite, groupId, ...greaseFact(suite, content.grease) };
  extensions.push(...features.extensionsFor(content.place, facts));
  for (const { extensionType } of content.extensions) {
    if (extensionType === ExtensionType.ratchetTree || extensionType === ExtensionType.externalPub) {
      throw violation("valn1602", "ratchet_tree and external_pub are made here, of the group's own state");
    }
  }
  extensions.push(...content.extensions);
  checkPlacement("groupInfo", content.extensions, features.extensions);
  if (content.grease === true) {
    extensions.push(greaseExtension(suite)); // RFC 9420 §13.5
  }
  return signGroupInfo(suite, signer, { groupContext, extensions, confirmationTag, signer: signerLeaf });
}
