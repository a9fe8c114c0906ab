import { type CipherSuite, concatBytes, equalBytesConstantTime } from "@openmls-ts/traits";
import { encode, opaque } from "../codec/index.ts";
import { exposed, type SecretBytes } from "./secret-bytes.ts";

/**
 * The confirmed_transcript_hash after a commit (RFC 9420 §8.2).
 * @param interimBefore interim_transcript_hash of the epoch in which the commit was sent; empty for none
 * @param input the commit's encoded ConfirmedTranscriptHashInput
 */
export function confirmedTranscriptHash(
  suite: CipherSuite,
  interimBefore: Uint8Array,
  input: Uint8Array,
): Uint8Array {
  return suite.hash(concatBytes(interimBefore, input));
}

/** The interim_transcript_hash after a commit (RFC 9420 §8.2). */
export function interimTranscriptHash(
  suite: CipherSuite,
  confirmed: Uint8Array,
  confirmationTagValue: Uint8Array,
): Uint8Array {
  //   struct {
  //       MAC confirmation_tag;
  //   } InterimTranscriptHashInput;
  return suite.hash(concatBytes(confirmed, encode(opaque, confirmationTagValue)));
}

/** The confirmation_tag of the commit that leads to `confirmedHash` (RFC 9420 §6.1); Nh bytes. */
export function confirmationTag(
  suite: CipherSuite,
  confirmationKey: SecretBytes,
  confirmedHash: Uint8Array,
): Uint8Array {
  return suite.hmac(exposed(confirmationKey), confirmedHash);
}

/** Whether a received tag is the expected one: full length, in constant time; a shorter one never is. */
export function verifyTag(expected: Uint8Array, actual: Uint8Array): boolean {
  return equalBytesConstantTime(expected, actual);
}
