import {
  checked,
  type Codec,
  decode,
  type ProcessedMessage,
  SenderType,
  struct,
  uint32,
  vector,
} from "@openmls-ts/mls-core";
import { isMlsError, MlsError } from "@openmls-ts/traits";
import type { EphemeralComponent } from "./app-ephemeral.ts";
import { encodeStrictly } from "./dictionary.ts";
import { type CodePointChoice, codePoints } from "./code-points.ts";

/** Messages of one member in the present epoch, ends included. */
export interface MessageRange {
  /** Leaf index. */
  readonly sender: number;
  readonly firstGeneration: number;
  readonly lastGeneration: number;
}

//   struct {
//       uint32 sender;
//       uint32 first_generation;
//       uint32 last_generation;
//   } MessageRange;
//   struct {
//       MessageRange received_ranges<V>;
//   } AppAck;
const appAckCodec: Codec<readonly MessageRange[]> = checked(
  vector(struct<MessageRange>({ sender: uint32, firstGeneration: uint32, lastGeneration: uint32 })),
  (ranges) => {
    if (ranges.some(({ firstGeneration: first, lastGeneration: last }) => first > last)) {
      throw new MlsError("ERR_MLS_DECODE", "a range of messages that ends before it begins", {
        rule: "xa04",
      });
    }
  },
);

/** An AppAck as the data of an AppEphemeral. @throws MlsError `ERR_MLS_DECODE` rule xa04 */
export function encodeAppAck(ranges: readonly MessageRange[]): Uint8Array {
  return encodeStrictly(appAckCodec, ranges);
}

/** What an AppAck says. @throws MlsError `ERR_MLS_DECODE` */
export function decodeAppAck(data: Uint8Array): readonly MessageRange[] {
  return decode(appAckCodec, data);
}

/** The component app_ack, for `appEphemeral`: acknowledgements of members that can be read. */
export function appAck(choice?: CodePointChoice): EphemeralComponent {
  return {
    id: codePoints(choice).appAck,
    check: (data, { senders }) => {
      try {
        decodeAppAck(data);
      } catch (error) {
        if (isMlsError(error)) return false;
        throw error;
      }
      return senders.every(({ senderType }) => senderType === SenderType.member);
    },
  };
}

/** Collects what was received in an epoch. */
export class ReceivedMessages {
  readonly #generations = new Map<number, Set<number>>();
  #epoch: bigint | undefined;

  /** Notes a processed message; what is no application message of a member, or of an older epoch, is not counted. */
  add(message: ProcessedMessage): void {
    if (message.kind !== "application" || message.sender.senderType !== SenderType.member) return;
    if (this.#epoch === undefined || message.epoch > this.#epoch) {
      this.#epoch = message.epoch;
      this.#generations.clear();
    }
    if (message.epoch === this.#epoch) {
      const { leafIndex } = message.sender;
      const of = this.#generations.get(leafIndex) ?? new Set();
      this.#generations.set(leafIndex, of.add(message.generation));
    }
  }

  /** The messages of an epoch as ranges, by sender and generation; none for an epoch without messages. */
  ranges(epoch: bigint): MessageRange[] {
    if (epoch !== this.#epoch) return [];
    const ranges: MessageRange[] = [];
    for (const [sender, generations] of [...this.#generations].sort(([a], [b]) => a - b)) {
      let [first, last]: (number | undefined)[] = [];
      for (const generation of [...generations].sort((a, b) => a - b)) {
        if (first !== undefined && last !== undefined && generation > last + 1) {
          ranges.push({ sender, firstGeneration: first, lastGeneration: last });
          first = generation;
        }
        first ??= generation;
        last = generation;
      }
      if (first !== undefined && last !== undefined) {
        ranges.push({ sender, firstGeneration: first, lastGeneration: last });
      }
    }
    return ranges;
  }
}
