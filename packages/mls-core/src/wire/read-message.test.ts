import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SenderType, WireFormat } from "../registry.ts";
import { mlsError } from "../testing/suites.ts";
import { findExtension } from "./extension.ts";
import { encodeMlsMessage } from "./mls-message.ts";
import { MlsMessage } from "./read-message.ts";
import * as arbitrary from "./testing/arbitraries.ts";

describe("a message without its group", () => {
  it("says what it says in the clear", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(arbitrary.mlsMessage, (message) => {
        const read = MlsMessage.read(encodeMlsMessage(message));
        const { wireFormat } = message;
        kinds.add(read.kind);
        if ("publicMessage" in message) {
          const { groupId, epoch, sender, authenticatedData, contentType } = message.publicMessage.content;
          const isExternalCommit = sender.senderType === SenderType.newMemberCommit;
          const head = { groupId, epoch, sender, authenticatedData, contentType };
          expect(read).toEqual({ kind: "publicMessage", wireFormat, isExternalCommit, ...head });
        } else if ("privateMessage" in message) {
          const { groupId, epoch, contentType, authenticatedData } = message.privateMessage;
          const head = { groupId, epoch, contentType, authenticatedData };
          expect(read).toEqual({ kind: "privateMessage", wireFormat, ...head });
        } else if ("welcome" in message) {
          const { cipherSuite, secrets } = message.welcome;
          const recipients = secrets.map(({ newMember }) => newMember);
          expect(read).toEqual({ kind: "welcome", wireFormat, cipherSuite, recipients });
        } else if ("groupInfo" in message) {
          const { groupContext, signer, extensions } = message.groupInfo;
          const hasRatchetTree = findExtension(extensions, 2) !== undefined;
          const hasExternalPub = findExtension(extensions, 4) !== undefined;
          const info = { groupContext, signer, extensions, hasRatchetTree, hasExternalPub };
          expect(read).toEqual({ kind: "groupInfo", wireFormat, ...info });
        } else {
          const { cipherSuite, leafNode } = message.keyPackage;
          const { credential } = leafNode;
          expect(read).toEqual({ kind: "keyPackage", wireFormat, cipherSuite, credential, leafNode });
        }
      }),
      { numRuns: 300 },
    );
    expect(kinds.size).toBe(5);
  });

  it("can be routed when its content is of a type that nobody here knows", () => {
    // group 7, epoch 1, member 2, a proposal of type 0xf001
    const bytes = [0, 1, 0, 1, 1, 7, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 2, 0, 2, 0xf0, 1, 0];
    expect(MlsMessage.read(Uint8Array.from(bytes))).toMatchObject({
      kind: "publicMessage",
      epoch: 1n,
      contentType: 2,
    });
  });

  it("is named when its wire format is unknown, and refused when it is none", () => {
    expect(MlsMessage.read(Uint8Array.of(0, 1, 0xf0, 1, 1, 2, 3))).toEqual({
      kind: "other",
      wireFormat: 0xf001,
      bodyLength: 3,
    });
    expect(() => MlsMessage.read(Uint8Array.of(0, 2, 0, 1))).toThrow(mlsError("ERR_MLS_UNSUPPORTED_VERSION"));
    expect(() => MlsMessage.read(Uint8Array.of(0, 1, 0))).toThrow(mlsError("ERR_MLS_DECODE"));
    expect(() => MlsMessage.read("AAEAAQ" as unknown as Uint8Array)).toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("is bounded like any other", () => {
    const bytes = encodeMlsMessage({
      wireFormat: WireFormat.mlsWelcome,
      welcome: { cipherSuite: 1, secrets: [], encryptedGroupInfo: new Uint8Array(9) },
    });
    expect(MlsMessage.read(bytes, { maxMessageSize: bytes.length }).kind).toBe("welcome");
    expect(() => MlsMessage.read(bytes, { maxMessageSize: bytes.length - 1 })).toThrow(
      mlsError("ERR_MLS_LIMIT"),
    );
  });
});
