import type { MlsErrorCode } from "./error-codes.ts";

/** An operation that has ended. Holds no secret, and nothing that a message says. */
export interface TraceEvent {
  /** The call by its name: `createMessage`, `processMessage`, `commit`, `mergePendingCommit`, `load`, … */
  readonly operation: string;
  /** Where it is known. */
  readonly groupId: Uint8Array | undefined;
  /** That the group is in after the operation. */
  readonly epoch: bigint | undefined;
  /** Milliseconds from the call to its end, what it waited for other calls on the same object included. */
  readonly duration: number;
  /** `ok`, the code of the `MlsError`, or `error` for what is none. */
  readonly outcome: "ok" | "error" | MlsErrorCode;
  /** The rule that was violated, where the error names one. */
  readonly rule: string | undefined;
}

/**
 * Is told of each operation when it has ended. What it throws, or a promise that it returns, changes nothing about the
 * operation.
 */
export type Trace = (event: TraceEvent) => void;
