import { type CipherSuite, MlsError, type Signer } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import { type GroupInfo, groupInfoTbs, type GroupInfoTbs } from "../wire/index.ts";
import { signWithLabel, verifyWithLabel } from "../labels/index.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";

const LABEL = "GroupInfoTBS"; // RFC 9420 §12.4.3

/** Signs a GroupInfo with the key of the leaf at `tbs.signer`. @throws MlsError `ERR_MLS_USAGE` */
export async function signGroupInfo(signer: Signer, tbs: GroupInfoTbs): Promise<GroupInfo> {
  return { ...tbs, signature: await signWithLabel(signer, LABEL, encode(groupInfoTbs, tbs)) };
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
