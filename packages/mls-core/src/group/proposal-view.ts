import { bytesArgument, bytesToKey, deepCopy, equalBytes, isBytes, MlsError } from "@openmls-ts/traits";
import { type KnownProposal, type PublicState, type WriteOptions, writeOptions } from "../store/index.ts";
import type { QueuedProposal } from "../wire/index.ts";
import type { GroupHandle } from "./handle.ts";
import { keepProposal } from "./known-proposals.ts";
import type { Attention } from "./receive/process-message.ts";
import type { ProcessedProposal } from "./receive/processed-message.ts";

/** A proposal of the current epoch. */
export interface ProposalRecord extends QueuedProposal {
  readonly reference: Uint8Array;
  /** Whether this client's next commit takes it in. */
  readonly wanted: boolean;
  /** Whether it was never sent, and waits for a commit of this client that holds it; see `queueProposal`. */
  readonly byValue: boolean;
  /** The MLSMessage, of types that external commits name. */
  readonly message: Uint8Array | undefined;
}

export function viewOf({
  proposal,
  sender,
  reference,
  wanted,
  byValue,
  message,
}: KnownProposal): ProposalRecord {
  return deepCopy({ proposal, sender, reference, wanted, byValue, message });
}

/** Names a proposal: its reference, or something that has one. */
export type ProposalChoice = Uint8Array | { readonly reference: Uint8Array } | ProcessedProposal;

/** @throws MlsError `ERR_MLS_USAGE` */
export function referenceArgument(choice: ProposalChoice): Uint8Array {
  const given = choice as unknown as
    | { readonly reference?: Uint8Array; readonly proposal?: { readonly reference?: Uint8Array } }
    | null
    | undefined;
  return bytesArgument(
    "reference",
    isBytes(choice) ? choice : (given?.reference ?? given?.proposal?.reference),
  );
}

interface Offered {
  readonly processed: ProcessedProposal;
  readonly message: Uint8Array;
}

/** What a group remembers in memory alone: proposals from outside that wait for the application's word. */
export class Waiting implements Attention {
  readonly removals: Set<object> = new Set();
  readonly #offered = new Map<string, Offered>();
  readonly #most: number;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(limits: { readonly maxStoredProposals: number; readonly maxStoredProposalBytes: number }) {
    this.#most = limits.maxStoredProposals;
    this.#mostBytes = limits.maxStoredProposalBytes;
  }

  offer(processed: ProcessedProposal, message: Uint8Array): void {
    const key = bytesToKey(processed.proposal.reference);
    if (!this.#offered.has(key)) {
      this.#offered.set(key, { processed, message });
      this.#bytes += message.length;
    }
    for (const [oldest, { message: old }] of this.#offered) {
      if (this.#offered.size <= this.#most && this.#bytes <= this.#mostBytes) break;
      this.#offered.delete(oldest); // it can be delivered again
      this.#bytes -= old.length;
    }
  }

  /** Another epoch has begun. */
  clear(): void {
    this.#offered.clear();
    this.removals.clear();
    this.#bytes = 0;
  }

  /**
   * Keeps a proposal that came from outside, as the application decided (RFC 9420 §12.1.8).
   * @throws MlsError `ERR_MLS_WRONG_EPOCH` for one that was not taken in here in this epoch
   */
  async keep<S extends PublicState>(
    handle: GroupHandle<S>,
    choice: ProposalChoice,
    options: WriteOptions<void> | undefined,
  ): Promise<void> {
    const reference = referenceArgument(choice);
    const alsoWrite = writeOptions(options);
    await handle.transact(async (state, transaction) => {
      if (state.proposals.some((known) => equalBytes(known.reference, reference))) {
        return;
      }
      const found = this.#offered.get(bytesToKey(reference));
      if (found === undefined || found.processed.epoch !== state.epoch.groupContext.epoch) {
        throw new MlsError("ERR_MLS_WRONG_EPOCH", "no such proposal was taken in here in this epoch", {
          rule: "rfc81",
        });
      }
      keepProposal(handle, state, transaction, found.processed.proposal, found.message);
    }, alsoWrite);
  }
}
