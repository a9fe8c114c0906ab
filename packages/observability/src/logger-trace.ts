import { bytesToHex, functionArgument, type Trace } from "@openmls-ts/traits";

/** An operation as plain data, for JSON. */
export interface LoggedOperation {
  readonly operation: string;
  /** Hexadecimal. */
  readonly groupId?: string;
  /** Decimal. */
  readonly epoch?: string;
  /** Milliseconds, to the microsecond. */
  readonly duration: number;
  /** `ok`, the code of an error, or `error`. */
  readonly outcome: string;
  /** The rule that was violated, see docs/rules.md. */
  readonly rule?: string;
}

/** Takes one line for people, and the same as fields: `console.debug` is one. */
export type LogFunction = (message: string, fields: LoggedOperation) => void;

/**
 * A trace that writes each operation to a logger.
 * @param log called once for each operation
 * @param failed for those that failed. Default: `log`
 * @throws MlsError `ERR_MLS_USAGE` for what is no function
 */
export function loggerTrace(log: LogFunction, failed: LogFunction = log): Trace {
  functionArgument("log", log);
  functionArgument("failed", failed);
  return ({ operation, groupId, epoch, duration, outcome, rule }) => {
    const fields: LoggedOperation = {
      operation,
      ...(groupId === undefined ? {} : { groupId: bytesToHex(groupId) }),
      ...(epoch === undefined ? {} : { epoch: epoch.toString() }),
      duration: Math.round(duration * 1000) / 1000,
      outcome,
      ...(rule === undefined ? {} : { rule }),
    };
    const where = fields.groupId === undefined ? "" : ` ${fields.groupId.slice(0, 8)}@${fields.epoch ?? "?"}`;
    const message = `mls ${operation}${where} ${outcome}${rule === undefined ? "" : ` (${rule})`} ${duration.toFixed(1)} ms`;
    (outcome === "ok" ? log : failed)(message, fields);
  };
}
