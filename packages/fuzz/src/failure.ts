/** What counts as a failure. */
export type FailureKind =
  /** Something other than a result or an MlsError, or ERR_MLS_INTERNAL. */
  | "outcome"
  /** Memory or store changed by something that was refused. */
  | "state"
  /** Members of one epoch who differ in a verdict, or in what they know. */
  | "disagreement"
  /** A message that nobody made was taken for genuine. */
  | "forgery"
  /** Bytes that were read and are written in another way. */
  | "encoding"
  /** A genuine message that is refused. */
  | "liveness"
  | "slow"
  | "memory";

/** A finding. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
