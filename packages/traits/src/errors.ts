import { bytesToHex, isBytes } from "./bytes.ts";
import type { MlsErrorDetails } from "./error-details.ts";
import type { MlsErrorCode } from "./error-codes.ts";

/** What may accompany an {@link MlsError} besides code and message. */
export interface MlsErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** The id of the violated rule in the validation catalogue (`valnNNNN`, `rfcNN`, `trapNN`). */
  readonly rule?: string | undefined;
  /** Non-secret facts a program can act on, for example the missing proposal references. */
  readonly details?: MlsErrorDetails | undefined;
}

/** What {@link MlsError.toJSON} gives: plain data for JSON and for `postMessage`. */
export interface MlsErrorJson {
  readonly name: "MlsError";
  readonly code: MlsErrorCode;
  readonly message: string;
  readonly rule?: string;
  /** Bytes as hexadecimal, bigints in decimal. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** An {@link MlsErrorJson}, or the text of another error. */
  readonly cause?: unknown;
}

/** The only error type that leaves these packages. */
export class MlsError extends Error {
  override readonly name: string = "MlsError";
  /** Stable across releases; see {@link MlsErrorCode}. */
  readonly code: MlsErrorCode;
  /** The id of the violated rule, on validation errors. */
  readonly rule: string | undefined;
  /** Non-secret facts a program can act on. */
  readonly details: MlsErrorDetails | undefined;

  constructor(code: MlsErrorCode, message: string, options: MlsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.rule = options.rule;
    this.details = options.details;
  }

  /**
   * An error as it was before {@link toJSON}, or that of another copy of this package. In `details` bytes stay
   * hexadecimal and bigints decimal. `structuredClone` of the error itself keeps nothing but its message: send `toJSON()`.
   * @throws MlsError `ERR_MLS_USAGE` for what is neither, as its `cause`
   */
  static from(value: unknown): MlsError {
    if (value instanceof MlsError) {
      return value;
    }
    if (!looksLikeMlsError(value)) {
      throw new MlsError("ERR_MLS_USAGE", "not an MlsError and not the JSON of one", { cause: value });
    }
    const { code, message, rule, details, cause } = value;
    const restored = looksLikeMlsError(cause) ? MlsError.from(cause) : cause;
    return new MlsError(code, message, { rule, details, cause: restored });
  }

  /** Where the violated rule, or else the code, is explained, relative to the repository. */
  get docs(): string {
    return this.rule === undefined
      ? `docs/errors.md#${this.code.toLowerCase()}`
      : `docs/rules.md#${this.rule}`;
  }

  toJSON(): MlsErrorJson {
    const { code, message, rule, details, cause } = this;
    return {
      name: "MlsError",
      code,
      message,
      ...(rule === undefined ? {} : { rule }),
      ...(details === undefined ? {} : { details: plain(details) as Record<string, unknown> }),
      ...(cause === undefined ? {} : { cause: plain(cause) }),
    };
  }

  override toString(): string {
    return `MlsError [${this.code}]: ${this.message}`;
  }
}

function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]"; // of another realm
}

function looksLikeMlsError(value: unknown): value is MlsError {
  const { name, code, message } = (value ?? {}) as { readonly [Key in keyof MlsError]?: unknown };
  return name === "MlsError" && typeof code === "string" && typeof message === "string";
}

/** Data that JSON knows. Own fields alone, so that what hides its secrets keeps them. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return typeof value === "bigint" ? String(value) : value;
  }
  if (isBytes(value)) {
    return bytesToHex(value);
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") {
    return Reflect.apply(toJSON, value, []);
  }
  return isError(value)
    ? String(value)
    : Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

/** True for an {@link MlsError}, optionally of one code; also across realms and two copies of this package. */
export function isMlsError(error: unknown, code?: MlsErrorCode): error is MlsError {
  return isError(error) && looksLikeMlsError(error) && (code === undefined || error.code === code);
}

/** A violated rule of the protocol. */
export function violation(rule: string, message: string, options: MlsErrorOptions = {}): MlsError {
  return new MlsError("ERR_MLS_VALIDATION", message, { ...options, rule });
}

/** Every failed decryption says exactly this, whatever went wrong (no oracle). */
export function decryptionFailed(): MlsError {
  return new MlsError("ERR_MLS_DECRYPTION", "decryption failed");
}
