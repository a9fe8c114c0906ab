import { type Codec, dependent, opaque, optional, struct, uint16, uint32, vector } from "../codec/index.ts";
import { type Extension, extensions } from "./extension.ts";
import { type GroupContext, groupContext } from "./group-context.ts";
import { type PreSharedKeyId, preSharedKeyId } from "./psk-id.ts";
import { hpkeCiphertext } from "./update-path.ts";
import type { HpkeCiphertext } from "../labels/index.ts";
import { digestBytes, signatureBytes } from "./sizes.ts";

/** The fields of a GroupInfo above its signature (RFC 9420 §12.4.3). */
export interface GroupInfoTbs {
  readonly groupContext: GroupContext;
  readonly extensions: readonly Extension[];
  readonly confirmationTag: Uint8Array;
  /** Leaf index of the signer. */
  readonly signer: number;
}

/** The public state of a group, signed by a member (RFC 9420 §12.4.3). */
export interface GroupInfo extends GroupInfoTbs {
  readonly signature: Uint8Array;
}

//   struct {
//       GroupContext group_context;
//       Extension extensions<V>;
//       MAC confirmation_tag;
//       uint32 signer;
//   } GroupInfoTBS;
export const groupInfoTbs: Codec<GroupInfoTbs> = struct<GroupInfoTbs>({
  groupContext,
  extensions,
  confirmationTag: digestBytes,
  signer: uint32,
});

//   GroupInfo: GroupInfoTBS, then
//       /* SignWithLabel(., "GroupInfoTBS", GroupInfoTBS) */
//       opaque signature<V>;
export const groupInfo: Codec<GroupInfo> = dependent<GroupInfoTbs, { readonly signature: Uint8Array }>(
  groupInfoTbs,
  () => struct<{ readonly signature: Uint8Array }>({ signature: signatureBytes }),
);

/** What a Welcome tells one new member in private (RFC 9420 §12.4.3.1). */
export interface GroupSecrets {
  readonly joinerSecret: Uint8Array;
  readonly pathSecret: { readonly pathSecret: Uint8Array } | undefined;
  readonly psks: readonly PreSharedKeyId[];
}

//   struct {
//     opaque path_secret<V>;
//   } PathSecret;
//
//   struct {
//     opaque joiner_secret<V>;
//     optional<PathSecret> path_secret;
//     PreSharedKeyID psks<V>;
//   } GroupSecrets;
export const groupSecrets: Codec<GroupSecrets> = struct<GroupSecrets>({
  joinerSecret: digestBytes,
  pathSecret: optional(struct<{ readonly pathSecret: Uint8Array }>({ pathSecret: digestBytes })),
  psks: vector(preSharedKeyId),
});

/** RFC 9420 §12.4.3.1 */
export interface EncryptedGroupSecrets {
  /** A KeyPackageRef. */
  readonly newMember: Uint8Array;
  readonly encryptedGroupSecrets: HpkeCiphertext;
}

/** RFC 9420 §12.4.3.1 */
export interface Welcome {
  readonly cipherSuite: number;
  readonly secrets: readonly EncryptedGroupSecrets[];
  readonly encryptedGroupInfo: Uint8Array;
}

//   struct {
//     KeyPackageRef new_member;
//     HPKECiphertext encrypted_group_secrets;
//   } EncryptedGroupSecrets;
//
//   struct {
//     CipherSuite cipher_suite;
//     EncryptedGroupSecrets secrets<V>;
//     opaque encrypted_group_info<V>;
//   } Welcome;
export const welcome: Codec<Welcome> = struct<Welcome>({
  cipherSuite: uint16,
  secrets: vector(
    struct<EncryptedGroupSecrets>({ newMember: digestBytes, encryptedGroupSecrets: hpkeCiphertext }),
  ),
  encryptedGroupInfo: opaque,
});
