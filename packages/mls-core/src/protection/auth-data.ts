import { MlsError } from "@openmls-ts/traits";
import { ContentType } from "../registry.ts";
import { type AuthenticatedContent } from "../wire/index.ts";

/**
 * Refuses to send what no receiver could read.
 * @throws MlsError `ERR_MLS_INTERNAL` rule rfc24 for content signed for another wire format, rfc26 for a commit without
 *   confirmation tag or a tag on something else
 */
export function checkSendable({ wireFormat, content, auth }: AuthenticatedContent, expected: number): void {
  if (wireFormat !== expected) {
    throw new MlsError("ERR_MLS_INTERNAL", "the content is signed for another wire format", {
      rule: "rfc24",
    });
  }
  if ((content.contentType === ContentType.commit) !== (auth.confirmationTag !== undefined)) {
    throw new MlsError("ERR_MLS_INTERNAL", "exactly commits have a confirmation tag", { rule: "rfc26" }); // RFC 9420 §6.1
  }
}
