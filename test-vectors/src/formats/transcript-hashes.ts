import { decode, encode } from "../../../packages/mls-core/src/codec/index.ts";
import {
  authenticatedContent,
  encodeConfirmedTranscriptHashInput,
} from "../../../packages/mls-core/src/wire/index.ts";
import {
  confirmationTag,
  confirmedTranscriptHash,
  interimTranscriptHash,
  verifyTag,
} from "../../../packages/mls-core/src/key-schedule/index.ts";
import { hex, holds, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface TranscriptHashes {
  readonly confirmation_key: string;
  readonly authenticated_content: string;
  readonly interim_transcript_hash_before: string;
  readonly confirmed_transcript_hash_after: string;
  readonly interim_transcript_hash_after: string;
}

/** What a commit does to the transcript, and its confirmation tag (RFC 9420 §6.1, 8.2). */
export const transcriptHashes: VectorFormat<TranscriptHashes> = {
  name: "transcript-hashes",
  fileName: /transcript-hashes/,
  keys: ["cipher_suite", "confirmation_key", "authenticated_content", "confirmed_transcript_hash_after"],
  run: async (vector, { suite }) => {
    const bytes = hex(vector.authenticated_content);
    const authenticated = decode(authenticatedContent, bytes);
    sameBytes("authenticated_content, encoded again", encode(authenticatedContent, authenticated), bytes);
    const { wireFormat, content, auth } = authenticated;
    const tag = auth.confirmationTag;
    holds("the content has a confirmation tag", tag !== undefined);

    const before = hex(vector.interim_transcript_hash_before);
    const input = encodeConfirmedTranscriptHashInput({ wireFormat, content, signature: auth.signature });
    const confirmed = confirmedTranscriptHash(suite, before, input);
    sameBytes("confirmed_transcript_hash_after", confirmed, vector.confirmed_transcript_hash_after);
    const interim = interimTranscriptHash(suite, confirmed, tag);
    sameBytes("interim_transcript_hash_after", interim, vector.interim_transcript_hash_after);
    const expected = confirmationTag(suite, hex(vector.confirmation_key), confirmed);
    holds("the confirmation tag is valid", verifyTag(expected, tag));
  },
};
