import type { CipherSuite } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import { makeProposalRef } from "../labels/index.ts";
import { type AuthenticatedContent, authenticatedContent } from "../wire/index.ts";

/** The ProposalRef by which a commit names a proposal: a hash of the whole message (RFC 9420 §5.2); Nh bytes. */
export function proposalRef(suite: CipherSuite, authenticated: AuthenticatedContent): Uint8Array {
  return makeProposalRef(suite, encode(authenticatedContent, authenticated));
}
