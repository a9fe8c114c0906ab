import { type Codec, malformed, uint8 } from "../codec/index.ts";

/**
 * Whether a member's state is a copy of one that may live on elsewhere, and so may not send: both would use the same keys.
 * `renewing` once its own pending commit, with a path, would make it a state of its own.
 */
export type Restored = "no" | "restored" | "renewing";

const NAMES: readonly Restored[] = ["no", "restored", "renewing"];

/** As part of the group's record. */
export const storedRestored: Codec<Restored> = {
  size: () => 1,
  write: (writer, value) => writer.uint8(NAMES.indexOf(value)),
  read: (reader) => {
    const name = NAMES[uint8.read(reader)];
    if (name === undefined) {
      throw malformed("unknown mark of a copy");
    }
    return name;
  },
};
