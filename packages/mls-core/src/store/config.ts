import {
  badArgument,
  bigintArgument,
  choiceArgument,
  type Limits,
  numberArgument,
  optionsArgument,
} from "@openmls-ts/traits";
import { type Codec, malformed, struct, uint32, uint64, uint8 } from "../codec/index.ts";
import type { Grease } from "../key-package/index.ts";

/** How a group behaves on this client. Every member may choose differently; stored with the group. */
export interface MlsGroupConfig {
  /**
   * Whether proposals and commits are sent encrypted (RFC 9420 §6). What is accepted all members agree on:
   * `GroupRules.handshake`, by default both, and a rule for one of them goes before this.
   */
  readonly handshake: "private" | "public";
  /**
   * Application messages are padded to a multiple of this many bytes, at most 1 MiB; 0 or 1 for none; `padme` for at most
   * 12 % more, so that a length shows no more than its order of magnitude (RFC 9420 §15.1).
   */
  readonly paddingSize: number | "padme";
  /** For how many past epochs late application messages can still be read (RFC 9420 §15.3); at most 1024. Default: 0. */
  readonly maxPastEpochs: number;
  /** For how many seconds after an epoch ended, by the provider's clock. Default: as long as `maxPastEpochs` says. */
  readonly maxPastEpochAge: bigint;
  /**
   * How many unused keys of application messages are kept for each sender behind the newest (RFC 9420 §15.3), and how far
   * one message may be ahead, in generations. Default and most: as the provider's `maxSkippedKeys` and
   * `maxForwardDistance`, which alone hold for proposals and commits.
   */
  readonly outOfOrderTolerance: number;
  readonly maxForwardDistance: number;
  /** For how many epochs resumption PSKs are kept, the current one included (RFC 9420 §8.6); at most 1024. */
  readonly resumptionPskEpochs: number;
  /** Whether Welcome and GroupInfo carry the whole ratchet tree (RFC 9420 §12.4.3.3). */
  readonly ratchetTreeExtension: boolean;
  /** Whether leaves and GroupInfos carry random reserved values (RFC 9420 §13.5). */
  readonly grease: Grease;
  /**
   * Whether `createMessage` refuses between a received commit that removes somebody and its merge: until then a message
   * is still encrypted to those who go (RFC 9420 §15.2).
   */
  readonly pauseForRemovals: boolean;
}

/** What holds where an application chooses nothing. */
export const DEFAULT_GROUP_CONFIG: MlsGroupConfig = {
  handshake: "private",
  paddingSize: 0,
  maxPastEpochs: 0,
  maxPastEpochAge: 0xffff_ffff_ffff_ffffn,
  outOfOrderTolerance: 0xffff_ffff,
  maxForwardDistance: 0xffff_ffff,
  resumptionPskEpochs: 16,
  ratchetTreeExtension: true,
  grease: true,
  pauseForRemovals: false,
};

const MAX_PADDING = 1 << 20;
const MAX_EPOCHS = 1024;
const GREASE: readonly Grease[] = [false, "capabilities", true];
const NAMES = Object.keys(DEFAULT_GROUP_CONFIG) as (keyof MlsGroupConfig)[];

/** Checks what is chosen and fills in the rest. @throws MlsError `ERR_MLS_USAGE` naming the option */
export function groupConfig(
  chosen: Partial<MlsGroupConfig> | undefined,
  present: MlsGroupConfig = DEFAULT_GROUP_CONFIG,
): MlsGroupConfig {
  const config = { ...present, ...optionsArgument<Partial<MlsGroupConfig>>("config", chosen, NAMES) };
  choiceArgument("config.handshake", config.handshake, ["private", "public"]);
  if (config.paddingSize !== "padme") {
    numberArgument("config.paddingSize", config.paddingSize, 0, MAX_PADDING);
  }
  bigintArgument("config.maxPastEpochAge", config.maxPastEpochAge);
  numberArgument("config.outOfOrderTolerance", config.outOfOrderTolerance, 0, 0xffff_ffff);
  numberArgument("config.maxForwardDistance", config.maxForwardDistance, 0, 0xffff_ffff);
  numberArgument("config.maxPastEpochs", config.maxPastEpochs, 0, MAX_EPOCHS);
  numberArgument("config.resumptionPskEpochs", config.resumptionPskEpochs, 0, MAX_EPOCHS);
  for (const name of ["ratchetTreeExtension", "pauseForRemovals", "grease"] as const) {
    const value: unknown = config[name];
    if (typeof value !== "boolean" && (name !== "grease" || value !== "capabilities")) {
      throw badArgument(`config.${name}`, value, "true or false");
    }
  }
  return Object.freeze(config);
}

/** What holds for the ratchets of application messages: a setting of this client, within its limits. */
export function ratchetWindow(
  config: MlsGroupConfig,
  limits: Limits,
): Pick<Limits, "maxForwardDistance" | "maxSkippedKeys"> {
  return {
    maxForwardDistance: Math.min(config.maxForwardDistance, limits.maxForwardDistance),
    maxSkippedKeys: Math.min(config.outOfOrderTolerance, limits.maxSkippedKeys),
  };
}

interface StoredConfig {
  readonly flags: number;
  readonly paddingSize: number;
  readonly maxPastEpochs: number;
  readonly maxPastEpochAge: bigint;
  readonly outOfOrderTolerance: number;
  readonly maxForwardDistance: number;
  readonly resumptionPskEpochs: number;
}

const stored: Codec<StoredConfig> = struct<StoredConfig>({
  flags: uint8,
  paddingSize: uint32,
  maxPastEpochs: uint32,
  maxPastEpochAge: uint64,
  outOfOrderTolerance: uint32,
  maxForwardDistance: uint32,
  resumptionPskEpochs: uint32,
});

function toStored(config: MlsGroupConfig): StoredConfig {
  const flags =
    (config.handshake === "private" ? 1 : 0) +
    (config.ratchetTreeExtension ? 2 : 0) +
    (config.pauseForRemovals ? 4 : 0) +
    8 * GREASE.indexOf(config.grease) +
    (config.paddingSize === "padme" ? 32 : 0);
  return { ...config, flags, paddingSize: config.paddingSize === "padme" ? 0 : config.paddingSize };
}

/** The configuration as part of the group's record. */
export const storedConfig: Codec<MlsGroupConfig> = {
  size: (config) => stored.size(toStored(config)),
  write: (writer, config) => stored.write(writer, toStored(config)),
  read: (reader) => {
    const { flags, ...numbers } = stored.read(reader);
    const grease = GREASE[(flags >> 3) & 3];
    if (grease === undefined || flags >= 64) {
      throw malformed("unknown configuration");
    }
    return groupConfig({
      ...numbers,
      ...((flags & 32) === 32 ? { paddingSize: "padme" } : {}),
      handshake: (flags & 1) === 1 ? "private" : "public",
      ratchetTreeExtension: (flags & 2) === 2,
      pauseForRemovals: (flags & 4) === 4,
      grease,
    });
  },
};
