import { CIPHER_SUITES } from "@openmls-ts/traits";
import type { Names } from "./describer.ts";

// RFC 9420 §17, and code points of drafts that are in use.
export const VERSIONS: Names = { 1: "mls10" };
export const SUITES: Names = Object.fromEntries(CIPHER_SUITES.map(({ id, name }) => [id, name]));
export const WIRE_FORMATS: Names = {
  1: "mls_public_message",
  2: "mls_private_message",
  3: "mls_welcome",
  4: "mls_group_info",
  5: "mls_key_package",
  6: "mls_targeted_message (draft)",
};
export const CONTENT_TYPES: Names = { 1: "application", 2: "proposal", 3: "commit" };
export const SENDER_TYPES: Names = {
  1: "member",
  2: "external",
  3: "new_member_proposal",
  4: "new_member_commit",
};
export const PROPOSALS: Names = {
  1: "add",
  2: "update",
  3: "remove",
  4: "psk",
  5: "reinit",
  6: "external_init",
  7: "group_context_extensions",
  8: "app_data_update (draft)",
  9: "app_ephemeral (draft)",
  10: "self_remove (draft)",
};
export const EXTENSIONS: Names = {
  1: "application_id",
  2: "ratchet_tree",
  3: "required_capabilities",
  4: "external_pub",
  5: "external_senders",
  6: "app_data_dictionary (draft)",
  7: "supported_wire_formats (draft)",
  8: "required_wire_formats (draft)",
  10: "last_resort (draft)",
};
export const CREDENTIALS: Names = { 1: "basic", 2: "x509" };
export const LEAF_SOURCES: Names = { 1: "key_package", 2: "update", 3: "commit" };
export const NODE_TYPES: Names = { 1: "leaf", 2: "parent" };
export const PSK_TYPES: Names = { 1: "external", 2: "resumption", 3: "application (draft)" };
export const USAGES: Names = { 1: "application", 2: "reinit", 3: "branch" };
export const PROPOSAL_OR_REF: Names = { 1: "proposal", 2: "reference" };
