import { decode, type GroupAccess } from "@openmls-ts/mls-core";
import type { TargetedVersion } from "@openmls-ts/targeted-messages";
import { exportSecret } from "../../../packages/mls-core/src/key-schedule/index.ts";
import { verifyWithLabel } from "../../../packages/mls-core/src/labels/index.ts";
import { leafNode } from "../../../packages/mls-core/src/wire/index.ts";
import { open } from "../../../packages/targeted-messages/src/open.ts";
import { targetedMessage } from "../../../packages/targeted-messages/src/wire.ts";
import { hex, holds, sameBytes } from "../check.ts";
import type { CaseContext, VectorFormat } from "../format.ts";

interface TargetedMessage {
  readonly cipher_suite: number;
  readonly epoch: number;
  readonly sender_leaf_index: number;
  readonly recipient_leaf_index: number;
  readonly group_id: string;
  readonly exporter_secret: string;
  readonly sender_leaf_node: string;
  readonly recipient_encryption_priv: string;
  readonly authenticated_data: string;
  readonly application_data: string;
  readonly targeted_message: string;
}

/** Version and wire format of the MLSMessage. */
const HEADER = 4;

function format(name: string, fileName: RegExp, version: TargetedVersion): VectorFormat<TargetedMessage> {
  return {
    name,
    fileName,
    keys: ["targeted_message", "recipient_encryption_priv", "exporter_secret"],
    run: async (vector, context) => {
      const body = hex(vector.targeted_message).slice(HEADER);
      sameBytes("group_id", decode(targetedMessage, body).groupId, vector.group_id);
      const opened = await open({ version, wireFormat: 0x0006 }, body, recipient(vector, context));
      sameBytes("application_data", opened.value.data, vector.application_data);
      sameBytes("authenticated_data", opened.value.authenticatedData, vector.authenticated_data);
      holds("sender_leaf_index", opened.sender === vector.sender_leaf_index);
    },
  };
}

/** As much of a group as the vector has. */
function recipient(vector: TargetedMessage, { suite }: CaseContext): GroupAccess {
  const sender = decode(leafNode, hex(vector.sender_leaf_node));
  const access: Pick<
    GroupAccess,
    "suite" | "ownLeafIndex" | "leaf" | "exportSecret" | "verify" | "hpkeOpenWithLeafKey"
  > = {
    suite,
    ownLeafIndex: vector.recipient_leaf_index,
    leaf: (index) => (index === vector.sender_leaf_index ? sender : undefined),
    exportSecret: (label, content, length) =>
      exportSecret(suite, hex(vector.exporter_secret), label, content, length),
    verify: async (_, label, content, signature) =>
      verifyWithLabel(suite, sender.signatureKey, label, content, signature),
    hpkeOpenWithLeafKey: async (info, aad, { kemOutput, ciphertext }, psk) =>
      suite.hpkeOpen(hex(vector.recipient_encryption_priv), kemOutput, info, aad, ciphertext, psk),
  };
  return access as GroupAccess;
}

/** Messages as the text towards -02 has them. */
export const targetedMessages02: VectorFormat<TargetedMessage> = format(
  "targeted-messages-02",
  /^targeted-messages-02/,
  "02",
);

/** Messages of draft -01, which OpenMLS sends. */
export const targetedMessages01: VectorFormat<TargetedMessage> = format(
  "targeted-messages-01",
  /openmls-targeted-messages/,
  "01",
);
