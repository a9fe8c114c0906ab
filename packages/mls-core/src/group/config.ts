import { MlsError } from "@openmls-ts/traits";
import { type Codec, struct, uint32, uint8 } from "../codec/index.ts";

/** How a group behaves on this client. Every member may choose differently; stored with the group. */
export interface MlsGroupConfig {
  /** Whether proposals and commits are sent encrypted; messages of both kinds are accepted (RFC 9420 §6). */
  readonly handshake: "private" | "public";
  /** Application messages are padded to a multiple of this many bytes; 0 or 1 for no padding (RFC 9420 §15.1). */
  readonly paddingSize: number;
  /** For how many past epochs late application messages can still be read (RFC 9420 §15.3); at most 1024. */
  readonly maxPastEpochs: number;
  /** For how many epochs resumption PSKs are kept, the current one included (RFC 9420 §8.6); at most 1024. */
  readonly resumptionPskEpochs: number;
  /** Whether Welcome and GroupInfo carry the whole ratchet tree (RFC 9420 §12.4.3.3). */
  readonly ratchetTreeExtension: boolean;
  /** Whether newcomers may join by external commit (RFC 9420 §12.4.3.2). */
  readonly externalCommits: "allow" | "no-resync" | "refuse";
}

/** What holds where an application chooses nothing. */
export const DEFAULT_GROUP_CONFIG: MlsGroupConfig = {
  handshake: "private",
  paddingSize: 0,
  maxPastEpochs: 3,
  resumptionPskEpochs: 16,
  ratchetTreeExtension: true,
  externalCommits: "allow",
};

const MAX_PADDING = 1 << 20;
const MAX_EPOCHS = 1024;

/** Fills in the defaults. @throws MlsError `ERR_MLS_USAGE` for numbers out of range */
export function groupConfig(chosen: Partial<MlsGroupConfig> = {}): MlsGroupConfig {
  const config = { ...DEFAULT_GROUP_CONFIG, ...chosen };
  const inRange = (value: number, max: number): boolean =>
    Number.isInteger(value) && value >= 0 && value <= max;
  if (
    !inRange(config.paddingSize, MAX_PADDING) ||
    !inRange(config.maxPastEpochs, MAX_EPOCHS) ||
    !inRange(config.resumptionPskEpochs, MAX_EPOCHS)
  ) {
    throw new MlsError("ERR_MLS_USAGE", "configuration out of range");
  }
  return config;
}

const EXTERNAL_COMMITS = ["allow", "no-resync", "refuse"] as const;

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
    4 * EXTERNAL_COMMITS.indexOf(config.externalCommits);
  return { ...config, flags };
}

/** The configuration as part of the group's record. */
export const storedConfig: Codec<MlsGroupConfig> = {
  size: (config) => stored.size(toStored(config)),
  write: (writer, config) => stored.write(writer, toStored(config)),
  read: (reader) => {
    const { flags, ...numbers } = stored.read(reader);
    return {
      ...numbers,
      handshake: (flags & 1) === 1 ? "private" : "public",
      ratchetTreeExtension: (flags & 2) === 2,
      externalCommits: EXTERNAL_COMMITS[flags >> 2] ?? "refuse",
    };
  },
};
