import { badArgument, choiceArgument, numberArgument, optionsArgument } from "@openmls-ts/traits";
import { type Codec, malformed, struct, uint32, uint8 } from "../codec/index.ts";
import type { Grease } from "../key-package/index.ts";

/** How a group behaves on this client. Every member may choose differently; stored with the group. */
export interface MlsGroupConfig {
  /** Whether proposals and commits are sent encrypted; messages of both kinds are accepted (RFC 9420 §6). */
  readonly handshake: "private" | "public";
  /** Application messages are padded to a multiple of this many bytes; 0 or 1 for none; at most 1 MiB (RFC 9420 §15.1). */
  readonly paddingSize: number;
  /** For how many past epochs late application messages can still be read (RFC 9420 §15.3); at most 1024. Default: 0. */
  readonly maxPastEpochs: number;
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
  numberArgument("config.paddingSize", config.paddingSize, 0, MAX_PADDING);
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

interface StoredConfig {
  readonly flags: number;
  readonly paddingSize: number;
  readonly maxPastEpochs: number;
  readonly resumptionPskEpochs: number;
}

const stored: Codec<StoredConfig> = struct<StoredConfig>({
  flags: uint8,
  paddingSize: uint32,
  maxPastEpochs: uint32,
  resumptionPskEpochs: uint32,
});

function toStored(config: MlsGroupConfig): StoredConfig {
  const flags =
    (config.handshake === "private" ? 1 : 0) +
    (config.ratchetTreeExtension ? 2 : 0) +
    (config.pauseForRemovals ? 4 : 0) +
    8 * GREASE.indexOf(config.grease);
  return { ...config, flags };
}

/** The configuration as part of the group's record. */
export const storedConfig: Codec<MlsGroupConfig> = {
  size: (config) => stored.size(toStored(config)),
  write: (writer, config) => stored.write(writer, toStored(config)),
  read: (reader) => {
    const { flags, ...numbers } = stored.read(reader);
    const grease = GREASE[flags >> 3];
    if (grease === undefined) {
      throw malformed("unknown configuration");
    }
    return groupConfig({
      ...numbers,
      handshake: (flags & 1) === 1 ? "private" : "public",
      ratchetTreeExtension: (flags & 2) === 2,
      pauseForRemovals: (flags & 4) === 4,
      grease,
    });
  },
};
