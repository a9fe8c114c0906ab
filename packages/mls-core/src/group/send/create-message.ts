import { MlsError, type Signer } from "@openmls-ts/traits";
import { checkSigner } from "../../credential/index.ts";
import { makePlan } from "../../plan/index.ts";
import { ContentType, WireFormat } from "../../registry.ts";
import type { MemberState } from "../../store/index.ts";
import { requireActive, type Transaction } from "../handle.ts";
import { requireOwnKeys } from "../restored.ts";
import { ownLeafNode, protect, type Room, signOwn } from "./frame.ts";

/** An application message (RFC 9420 §15). @throws MlsError `ERR_MLS_PENDING_PROPOSALS`, `ERR_MLS_GROUP_INACTIVE` */
export async function createMessage(
  room: Room,
  state: MemberState,
  transaction: Transaction<MemberState>,
  signer: Signer,
  data: Uint8Array,
  authenticatedData: Uint8Array,
): Promise<Uint8Array> {
  requireActive(state);
  requireOwnKeys(state);
  checkSigner(signer, ownLeafNode(state).signatureKey);
  if (await mustCommitFirst(room, state)) {
    // RFC 9420 §12.4
    throw new MlsError("ERR_MLS_PENDING_PROPOSALS", "commit the pending proposals first, or dismiss them", {
      rule: "rfc93",
    });
  }
  const content = { contentType: ContentType.application, applicationData: data };
  const signed = await signOwn(room, state, signer, WireFormat.mlsPrivateMessage, content, authenticatedData);
  return protect(room, state, transaction, signed);
}

/** Whether a proposal waits that a commit of ours could take in; one that nobody can commit holds nobody up. */
async function mustCommitFirst({ env }: Room, { epoch, proposals, ownLeaf }: MemberState): Promise<boolean> {
  const wanted = proposals.filter(({ wanted: isWanted, byValue }) => isWanted && !byValue);
  if (wanted.length === 0) {
    return false;
  }
  const plan = await makePlan({ env, old: epoch, proposals: wanted, committer: ownLeaf, side: "sender" });
  // Our own Update or Remove is for others to commit: it is left out of our commit, and pending all the same.
  return (
    plan.proposals.length > 0 ||
    plan.leftOut.some(({ reason }) => reason.rule === "valn0302" || reason.rule === "valn0303")
  );
}
