import { type CommitBundle, DeliveryError } from "@openmls-ts/client";
import { MlsMessage } from "@openmls-ts/mls-core";
import { bytesToHex } from "@openmls-ts/traits";

export function notMember(): DeliveryError {
  return new DeliveryError("not-allowed", "not a member");
}

export interface Header {
  readonly kind: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly external: boolean;
}

/** What can be seen of a message from outside. @throws DeliveryError `invalid` */
export function headerOf(bytes: Uint8Array): Header {
  const read = readMessage(bytes);
  if (read.kind !== "publicMessage" && read.kind !== "privateMessage") {
    throw new DeliveryError("invalid", "not a message of a group");
  }
  const external = read.kind === "publicMessage" && read.isExternalCommit;
  return { kind: read.contentType, groupId: read.groupId, epoch: read.epoch, external };
}

/** The Welcome is for exactly those who are added. */
export function checkWelcome({ welcome, added }: CommitBundle): void {
  const read = welcome === undefined ? undefined : readMessage(welcome);
  if (read !== undefined && read.kind !== "welcome") throw new DeliveryError("invalid", "not a Welcome");
  const refs = (read?.recipients ?? []).map((ref) => bytesToHex(ref));
  const expected = new Set(added.map(({ keyPackageRef }) => bytesToHex(keyPackageRef)));
  if (refs.length !== expected.size || refs.some((ref) => !expected.has(ref))) {
    throw new DeliveryError("invalid", "the Welcome is not for those who are added");
  }
}

function readMessage(bytes: Uint8Array): ReturnType<typeof MlsMessage.read> {
  try {
    return MlsMessage.read(bytes);
  } catch (cause) {
    throw new DeliveryError("invalid", "not an MLSMessage", { cause });
  }
}
