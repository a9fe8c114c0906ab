import { bytesToHex, hexToBytes, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../codec/index.ts";
import {
  confirmationTag,
  confirmedTranscriptHash,
  interimTranscriptHash,
  verifyTag,
} from "../key-schedule/index.ts";
import { ContentType, SenderType, WireFormat } from "../registry.ts";
import { mlsError, suiteOf } from "../testing/suites.ts";
import { itPasses } from "../testing/vectors.ts";
import {
  authenticatedContent,
  encodeConfirmedTranscriptHashInput,
  type FramedContent,
} from "../wire/index.ts";

interface TranscriptVector extends Readonly<
  Record<
    | "confirmation_key"
    | "authenticated_content"
    | "interim_transcript_hash_before"
    | "confirmed_transcript_hash_after"
    | "interim_transcript_hash_after",
    string
  >
> {
  readonly cipher_suite: number;
}

async function check(vector: TranscriptVector): Promise<void> {
  const suite = await suiteOf(vector.cipher_suite);
  const authenticated = decode(authenticatedContent, hexToBytes(vector.authenticated_content));
  expect(bytesToHex(encode(authenticatedContent, authenticated))).toBe(vector.authenticated_content);
  const { wireFormat, content, auth } = authenticated;
  expect(content.contentType).toBe(ContentType.commit);
  const input = encodeConfirmedTranscriptHashInput({ wireFormat, content, signature: auth.signature });
  const confirmed = confirmedTranscriptHash(suite, hexToBytes(vector.interim_transcript_hash_before), input);
  expect(bytesToHex(confirmed)).toBe(vector.confirmed_transcript_hash_after);
  const tag = confirmationTag(suite, hexToBytes(vector.confirmation_key), confirmed);
  expect(verifyTag(tag, auth.confirmationTag!)).toBe(true);
  expect(bytesToHex(interimTranscriptHash(suite, confirmed, tag))).toBe(vector.interim_transcript_hash_after);
}

describe("transcript hashes (RFC 9420 §8.2)", () => {
  itPasses(["mls/transcript-hashes.json"], check);
  itPasses(["extra/openmls-transcript-hashes.json"], check, 3);

  it("cover the wire format and run through all commits (rfc56)", async () => {
    const suite = await suiteOf(1);
    const content: FramedContent = {
      groupId: utf8("g"),
      epoch: 0n,
      sender: { senderType: SenderType.member, leafIndex: 0 },
      authenticatedData: new Uint8Array(),
      contentType: ContentType.commit,
      commit: { proposals: [], path: undefined },
    };
    const hashes = [WireFormat.mlsPublicMessage, WireFormat.mlsPrivateMessage].flatMap((wireFormat) =>
      [utf8("s"), utf8("t")].map((signature) =>
        confirmedTranscriptHash(
          suite,
          new Uint8Array(),
          encodeConfirmedTranscriptHashInput({ wireFormat, content, signature }),
        ),
      ),
    );
    expect(new Set(hashes.map(bytesToHex)).size).toBe(4);
    const tags = [utf8("1"), utf8("2")].map((tag) => interimTranscriptHash(suite, hashes[0]!, tag));
    const next = tags.map((interim) => confirmedTranscriptHash(suite, interim, utf8("input")));
    expect(next[0]).not.toEqual(next[1]);
  });

  it("take commits only", () => {
    const content = {
      groupId: utf8("g"),
      epoch: 0n,
      sender: { senderType: SenderType.member, leafIndex: 0 },
      authenticatedData: new Uint8Array(),
      contentType: ContentType.application,
      applicationData: utf8("x"),
    };
    const input = { wireFormat: WireFormat.mlsPrivateMessage, content, signature: utf8("s") };
    expect(() => encodeConfirmedTranscriptHashInput(input)).toThrow(mlsError("ERR_MLS_INTERNAL"));
  });
});
