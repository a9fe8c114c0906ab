import { badArgument, functionArgument, MlsError } from "@openmls-ts/traits";

/** What long work is made of: leaves to verify, credentials to ask about, secrets to encrypt or decrypt, records to read. */
export type WorkTask = "leaves" | "parents" | "credentials" | "path" | "welcome" | "records";

/** How far a task is. One call can go through several, and through the same one again. */
export interface WorkProgress {
  readonly task: WorkTask;
  readonly done: number;
  readonly total: number;
}

/** What an `AbortSignal` has that is needed here. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
}

/** For work that takes long in large groups. */
export interface WorkOptions {
  /** Looked at between pieces of the work: `ERR_MLS_ABORTED`, with nothing changed, once it says so. */
  readonly signal?: AbortSignalLike;
  /** Told as the work goes on; what it throws, or a promise that it returns, changes nothing. */
  readonly onProgress?: (progress: WorkProgress) => void;
}

/** Refuses to begin what is not wanted any more. @throws MlsError `ERR_MLS_ABORTED` */
export function checkWanted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted === true) {
    throw new MlsError("ERR_MLS_ABORTED", "the work was given up", { cause: signal.reason });
  }
}

/** The names of {@link WorkOptions}. */
export const WORK_OPTIONS: readonly ["signal", "onProgress"] = ["signal", "onProgress"];

/** Called between pieces of work. @throws MlsError `ERR_MLS_ABORTED` */
export type Watch = (task: WorkTask, done: number, total: number) => void;

/** Who watches, if anybody. @throws MlsError `ERR_MLS_USAGE` */
export function watchOf({ signal, onProgress }: WorkOptions): Watch | undefined {
  if (signal !== undefined && typeof (signal as Partial<AbortSignalLike> | null)?.aborted !== "boolean") {
    throw badArgument("signal", signal, "AbortSignal");
  }
  if (onProgress !== undefined) {
    functionArgument("onProgress", onProgress);
  }
  if (signal === undefined && onProgress === undefined) {
    return undefined;
  }
  return (task, done, total) => {
    checkWanted(signal);
    void (async () => onProgress?.({ task, done, total }))().catch(() => undefined);
  };
}
