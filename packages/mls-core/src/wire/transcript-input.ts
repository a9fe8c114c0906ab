import { MlsError } from "@openmls-ts/traits";
import { type Codec, encode, struct, uint16 } from "../codec/index.ts";
import { ContentType } from "../registry.ts";
import { framedContent, type FramedContent } from "./framed-content.ts";
import { signatureBytes } from "./sizes.ts";

/** What the transcript hash takes from a commit (RFC 9420 §8.2). */
export interface ConfirmedTranscriptHashInput {
  readonly wireFormat: number;
  readonly content: FramedContent;
  readonly signature: Uint8Array;
}

//   struct {
//       WireFormat wire_format;
//       FramedContent content; /* with content_type == commit */
//       opaque signature<V>;
//   } ConfirmedTranscriptHashInput;
const confirmedTranscriptHashInput: Codec<ConfirmedTranscriptHashInput> =
  struct<ConfirmedTranscriptHashInput>({
    wireFormat: uint16,
    content: framedContent,
    signature: signatureBytes,
  });

/** The bytes to hash. @throws MlsError `ERR_MLS_INTERNAL` for content that is no commit */
export function encodeConfirmedTranscriptHashInput(input: ConfirmedTranscriptHashInput): Uint8Array {
  if (input.content.contentType !== ContentType.commit) {
    throw new MlsError("ERR_MLS_INTERNAL", "only commits enter the transcript"); // RFC 9420 §8.2
  }
  return encode(confirmedTranscriptHashInput, input);
}
