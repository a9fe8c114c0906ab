import { equalBytes, utf8, violation } from "@openmls-ts/traits";
import { opaque } from "../../codec/index.ts";
import {
  basicCredential,
  type Credential,
  customCredential,
  customCredentials,
  customExtension,
  type DefinedProposal,
  defineProposal,
  type Extension,
  type Feature,
} from "../../index.ts";
import { findExtension } from "../../wire/index.ts";

/** In the GroupContext: what was asked last, which polls alone may change. */
const POLL_EXTENSION = 0xf0e1;
const CREDENTIAL_TYPE = 0xf001;

/** The question that the group was asked last, as its extension has it. */
export function askedLast(extensions: readonly Extension[]): Uint8Array | undefined {
  return findExtension(extensions, POLL_EXTENSION);
}

/**
 * A proposal type of the application's: changes an extension, depends on the commits before and on the order within one,
 * clashes with its like, has an effect, comes from members and servers, and stands in external commits.
 */
export const poll: DefinedProposal<Uint8Array> = defineProposal<Uint8Array>({
  type: 0xf0a1,
  name: "a poll",
  codec: opaque,
  places: { externalSender: true, externalReference: true },
  claims: (question) => ({ key: `poll ${question.join()}`, rule: "poll-once" }),
  apply: (question, _, plan) => {
    const last = askedLast(plan.extensions);
    if (last !== undefined && equalBytes(last, question)) {
      throw violation("poll-again", "the same question twice in a row");
    }
    plan.setExtension(POLL_EXTENSION, question);
    plan.effect("poll", question);
  },
});

/** What everybody's provider has. */
export const FEATURES: readonly Feature[] = [
  { name: "polls", proposals: [poll] },
  customExtension(POLL_EXTENSION, { places: ["groupContext"], protected: () => true }),
  customCredentials(CREDENTIAL_TYPE),
];

/** A credential that says a name, in one of two types. */
export function credentialFor(name: string, custom: boolean): Credential {
  return custom ? customCredential(CREDENTIAL_TYPE, utf8(name)) : basicCredential(utf8(name));
}

/** Who a credential says it is. */
export function nameIn(credential: Credential | undefined): string {
  const bytes =
    credential === undefined || "certificates" in credential
      ? []
      : "identity" in credential
        ? credential.identity
        : credential.content;
  return String.fromCharCode(...bytes);
}

/** What polls had stored, for those who replace all extensions. */
export function pollsOf(extensions: readonly Extension[]): Extension[] {
  return extensions.filter(({ extensionType }) => extensionType === POLL_EXTENSION);
}
