import { badArgument, functionArgument, MlsError, numberArgument, optionsArgument } from "@openmls-ts/traits";
import type { PostgresPool } from "./pool.ts";

/** Which tables `postgresStorage` uses, and how long it waits. */
export interface PostgresStorageOptions {
  /**
   * Name of the store, one for each client: stores in one schema share tables and nothing else. 1 to 64 characters from
   * letters, digits and `_ - . : @ /`. Default `default`.
   */
  readonly store?: string | undefined;
  /** Schema of the tables, created if need be. Lower-case letters, digits and `_`, at most 63. Default `openmls`. */
  readonly schema?: string | undefined;
  /** Milliseconds a write waits for another writer of the same group; then it rejects with `ERR_MLS_STORAGE`. Default 5000. */
  readonly lockTimeout?: number | undefined;
}

/** Options as they are used. */
export interface Settings {
  readonly store: string;
  /** Quoted. */
  readonly schema: string;
  readonly lockTimeout: number;
}

/** @throws MlsError `ERR_MLS_USAGE` that names the option */
export function checkOptions(options: PostgresStorageOptions | undefined): Settings {
  const given = optionsArgument("options", options, ["store", "schema", "lockTimeout"]);
  const store = text("options.store", given.store ?? "default", /^[A-Za-z0-9_.:@/-]{1,64}$/);
  const schema = text("options.schema", given.schema ?? "openmls", /^[a-z_][a-z0-9_]{0,62}$/);
  const { lockTimeout = 5000 } = given;
  // 0 would be no limit at all.
  return {
    store,
    schema: `"${schema}"`,
    lockTimeout: numberArgument("options.lockTimeout", lockTimeout, 1, 2 ** 31 - 1),
  };
}

function text(name: string, value: unknown, pattern: RegExp): string {
  if (typeof value !== "string") {
    throw badArgument(name, value, "string");
  }
  if (!pattern.test(value)) {
    throw new MlsError(
      "ERR_MLS_USAGE",
      `${name} has other characters or another length than ${pattern.source}`,
      {
        details: { argument: name },
      },
    );
  }
  return value;
}

/** @throws MlsError `ERR_MLS_USAGE` */
export function checkPool(value: unknown): PostgresPool {
  if (typeof value !== "object" || value === null) {
    throw badArgument("urlOrPool", value, "connection URI or Pool of pg");
  }
  const members = value as Readonly<Record<string, unknown>>;
  functionArgument("urlOrPool.connect", members["connect"]);
  functionArgument("urlOrPool.end", members["end"]);
  return value as PostgresPool;
}

/** @throws MlsError `ERR_MLS_USAGE` */
export function checkUrl(url: string): string {
  if (!/^postgres(ql)?:\/\//.test(url) || url.includes("\0")) {
    throw new MlsError("ERR_MLS_USAGE", "urlOrPool is a URI that begins with postgres:// or postgresql://", {
      details: { argument: "urlOrPool" },
    });
  }
  return url;
}
