import { hexToBytes } from "@openmls-ts/traits";
import { describe, expect } from "vitest";
import { decode } from "../codec/index.ts";
import { ContentType, WireFormat } from "../registry.ts";
import { mlsError, privateKey, signerOf, suiteOf } from "../testing/suites.ts";
import { itPasses } from "../testing/vectors.ts";
import {
  commit,
  type Content,
  decodeMlsMessage,
  encodeMlsMessage,
  type PrivateMessage,
  proposal,
  type PublicMessage,
} from "../wire/index.ts";
import { type World, makePublic, openPublic, makePrivate, open } from "./testing/world.ts";

interface ProtectionVector extends Readonly<
  Record<
    | "group_id"
    | "tree_hash"
    | "confirmed_transcript_hash"
    | "signature_priv"
    | "signature_pub"
    | "encryption_secret"
    | "sender_data_secret"
    | "membership_key"
    | "proposal"
    | "proposal_pub"
    | "proposal_priv"
    | "commit"
    | "commit_pub"
    | "commit_priv"
    | "application"
    | "application_priv",
    string
  >
> {
  readonly cipher_suite: number;
  readonly epoch: number;
}

function publicOf(hex: string): PublicMessage {
  const message = decodeMlsMessage(hexToBytes(hex));
  return message.wireFormat === WireFormat.mlsPublicMessage
    ? message.publicMessage
    : expect.fail("not public");
}

function privateOf(hex: string): PrivateMessage {
  const message = decodeMlsMessage(hexToBytes(hex));
  return message.wireFormat === WireFormat.mlsPrivateMessage
    ? message.privateMessage
    : expect.fail("not private");
}

describe("message protection vectors", () => {
  itPasses(
    [
      "mls/message-protection.json",
      "extra/mls-rs-message-protection.json",
      "extra/openmls-message-protection.json",
    ],
    async (vector: ProtectionVector) => {
      const suite = await suiteOf(vector.cipher_suite);
      const signatureKey = privateKey(vector.signature_priv, suite.params.signature.privateKeyLength);
      const world: World = {
        suite,
        signer: signerOf(suite, signatureKey, hexToBytes(vector.signature_pub)),
        context: {
          version: 1,
          cipherSuite: vector.cipher_suite,
          groupId: hexToBytes(vector.group_id),
          epoch: BigInt(vector.epoch),
          treeHash: hexToBytes(vector.tree_hash),
          confirmedTranscriptHash: hexToBytes(vector.confirmed_transcript_hash),
          extensions: [],
        },
        encryptionSecret: hexToBytes(vector.encryption_secret),
        senderDataSecret: hexToBytes(vector.sender_data_secret),
        membershipKey: hexToBytes(vector.membership_key),
      };
      const bodies: readonly (readonly [Content, string | undefined, string])[] = [
        [
          { contentType: ContentType.proposal, proposal: decode(proposal, hexToBytes(vector.proposal)) },
          vector.proposal_pub,
          vector.proposal_priv,
        ],
        [
          { contentType: ContentType.commit, commit: decode(commit, hexToBytes(vector.commit)) },
          vector.commit_pub,
          vector.commit_priv,
        ],
        [
          { contentType: ContentType.application, applicationData: hexToBytes(vector.application) },
          undefined,
          vector.application_priv,
        ],
      ];
      for (const [body, publicHex, privateHex] of bodies) {
        if (publicHex !== undefined) {
          const given = await openPublic(world, publicOf(publicHex));
          expect(given).toMatchObject({ content: body, genuine: true });
          const own = await openPublic(world, await makePublic(world, body));
          expect(own).toMatchObject({ content: body, genuine: true });
        } else {
          await expect(makePublic(world, body)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc20"));
        }
        expect(await open(world, privateOf(privateHex))).toMatchObject({ content: body, genuine: true });
        const own = await makePrivate(world, body, 17);
        const sent = encodeMlsMessage({ wireFormat: WireFormat.mlsPrivateMessage, privateMessage: own });
        const received = decodeMlsMessage(sent);
        expect(received).toEqual({ wireFormat: WireFormat.mlsPrivateMessage, privateMessage: own });
        expect(await open(world, own)).toMatchObject({ content: body, genuine: true });
      }
    },
  );
});
