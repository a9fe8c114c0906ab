import type { VectorFormat } from "../format.ts";
import { rfcFormats } from "./rfc-formats.ts";
import { hpkePq } from "./hpke-pq.ts";
import { targetedMessages01, targetedMessages02 } from "./targeted-messages.ts";
import { wycheproofMlDsa, wycheproofMlKem } from "./wycheproof-pq.ts";
import { xWing } from "./x-wing.ts";

/** Every format that is known. */
export const formats: readonly VectorFormat[] = [
  ...rfcFormats,
  xWing,
  hpkePq,
  targetedMessages01,
  targetedMessages02,
  wycheproofMlKem,
  wycheproofMlDsa,
];
