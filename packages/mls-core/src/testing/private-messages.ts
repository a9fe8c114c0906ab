import { utf8 } from "@openmls-ts/traits";
import { decodeMlsMessage, encodeMlsMessage, type PrivateMessage, type Proposal } from "../wire/index.ts";
import { ContentType, ProposalType, WireFormat } from "../registry.ts";

const { mlsPrivateMessage } = WireFormat;

export const application = (text = "hi"): { contentType: 1; applicationData: Uint8Array } => ({
  contentType: ContentType.application,
  applicationData: utf8(text),
});

/** A Remove of Charlie. */
export const removal: Proposal = { proposalType: ProposalType.remove, removed: 2 };

export function privateOf(message: Uint8Array): PrivateMessage {
  const decoded = decodeMlsMessage(message);
  if (decoded.wireFormat !== mlsPrivateMessage) throw new Error("not private");
  return decoded.privateMessage;
}

export const fromPrivate = (privateMessage: PrivateMessage): Uint8Array =>
  encodeMlsMessage({ wireFormat: mlsPrivateMessage, privateMessage });
