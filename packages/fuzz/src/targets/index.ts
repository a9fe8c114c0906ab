import type { Target } from "../target.ts";
import { certificates } from "./certificates.ts";
import { decoders, reading } from "./decoders.ts";
import { forks } from "./forks.ts";
import { imports } from "./imports.ts";
import { insider } from "./insider.ts";
import { externalJoins, welcomes } from "./joins.ts";
import { messages } from "./messages.ts";
import { records } from "./records.ts";

/** Everything that is attacked. */
export const TARGETS: readonly Target[] = [
  decoders,
  reading,
  messages,
  insider,
  welcomes,
  externalJoins,
  forks,
  records,
  imports,
  certificates,
];
