import { extensions, keyPackage } from "./nodes.ts";
import type { Describer } from "./describer.ts";
import { commit, encryptedGroupSecrets, groupContext, proposal } from "./handshake.ts";
import { CONTENT_TYPES, SENDER_TYPES, SUITES, VERSIONS, WIRE_FORMATS } from "./names.ts";
import { textOrHex } from "./text.ts";

function sender(d: Describer): number {
  let type = 0;
  d.struct(
    "sender",
    "Sender",
    () => {
      type = d.number("sender_type", 1, SENDER_TYPES);
      if (type === 1) d.number("leaf_index", 4);
      else if (type === 2) d.number("sender_index", 4);
      else if (type !== 3 && type !== 4) d.complain(`sender_type ${type} selects nothing`);
    },
    { section: "6" },
  );
  return type;
}

export function publicMessage(d: Describer): void {
  d.struct(
    "public_message",
    "PublicMessage",
    () => {
      let from = 0;
      let type = 0;
      d.struct(
        "content",
        "FramedContent",
        () => {
          d.opaque("group_id", { show: textOrHex });
          d.uint64("epoch");
          from = sender(d);
          d.opaque("authenticated_data", { show: textOrHex });
          type = d.number("content_type", 1, CONTENT_TYPES);
          if (type === 1) d.opaque("application_data", { note: "must not be in the clear (§6.2)" });
          else if (type === 2) proposal(d);
          else if (type === 3) commit(d);
          else d.complain(`content_type ${type} selects nothing`);
        },
        { section: "6" },
      );
      d.struct(
        "auth",
        "FramedContentAuthData",
        () => {
          d.opaque("signature", { note: 'SignWithLabel(., "FramedContentTBS", FramedContentTBS)' });
          if (type === 3) d.opaque("confirmation_tag");
        },
        { section: "6.1" },
      );
      if (from === 1) d.opaque("membership_tag", { section: "6.2" });
    },
    { section: "6.2" },
  );
}

export function privateMessage(d: Describer): void {
  d.struct(
    "private_message",
    "PrivateMessage",
    () => {
      d.opaque("group_id", { show: textOrHex });
      d.uint64("epoch");
      d.number("content_type", 1, CONTENT_TYPES);
      d.opaque("authenticated_data", { show: textOrHex });
      d.opaque("encrypted_sender_data", { section: "6.3.2" });
      d.opaque("ciphertext", { section: "6.3.1" });
    },
    { section: "6.3" },
  );
}

export function welcome(d: Describer): void {
  d.struct(
    "welcome",
    "Welcome",
    () => {
      d.number("cipher_suite", 2, SUITES);
      d.vector("secrets", "EncryptedGroupSecrets", (index) => encryptedGroupSecrets(d, `[${index}]`));
      d.opaque("encrypted_group_info");
    },
    { section: "12.4.3.1" },
  );
}

export function groupInfo(d: Describer): void {
  d.struct(
    "group_info",
    "GroupInfo",
    () => {
      groupContext(d);
      extensions(d);
      d.opaque("confirmation_tag");
      d.number("signer", 4, undefined, { note: "leaf index" });
      d.opaque("signature", { note: 'SignWithLabel(., "GroupInfoTBS", GroupInfoTBS)' });
    },
    { section: "12.4.3" },
  );
}

const BODIES: Readonly<Record<number, (d: Describer) => void>> = {
  1: publicMessage,
  2: privateMessage,
  3: welcome,
  4: groupInfo,
  5: (d) => keyPackage(d),
};

export function mlsMessage(d: Describer): void {
  const version = d.number("version", 2, VERSIONS, { section: "6" });
  if (version !== 1) d.complain("not mls10: what follows is of another protocol version");
  const format = d.number("wire_format", 2, WIRE_FORMATS, { section: "17.2" });
  const body = BODIES[format];
  if (body === undefined) d.rest("body", "of a wire format that only a feature knows");
  else body(d);
}
