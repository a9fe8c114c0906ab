import { MlsMessage } from "@openmls-ts/mls-core";
import { bytesToHex } from "@openmls-ts/traits";
import { DeliveryError, type EntryKind } from "../delivery-service.ts";

export interface Header {
  readonly kind: EntryKind;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly external: boolean;
}

/** What a service can see of a message without being in the group. @throws DeliveryError `invalid` */
export function headerOf(bytes: Uint8Array): Header {
  const read = readMessage(bytes);
  if (read.kind !== "publicMessage" && read.kind !== "privateMessage") {
    throw new DeliveryError("invalid", "not a message of a group");
  }
  const kind = ({ 1: "application", 2: "proposal", 3: "commit" } as const)[read.contentType];
  const external = read.kind === "publicMessage" && read.isExternalCommit;
  return { kind, groupId: read.groupId, epoch: read.epoch, external };
}

/** For whom a Welcome is. @throws DeliveryError `invalid` */
export function recipientsOf(welcome: Uint8Array): string[] {
  const read = readMessage(welcome);
  if (read.kind !== "welcome") throw new DeliveryError("invalid", "not a Welcome");
  return read.recipients.map((ref) => bytesToHex(ref));
}

function readMessage(bytes: Uint8Array): ReturnType<typeof MlsMessage.read> {
  try {
    return MlsMessage.read(bytes);
  } catch (cause) {
    throw new DeliveryError("invalid", "not an MLSMessage", { cause });
  }
}
