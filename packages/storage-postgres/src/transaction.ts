import { isMlsError, MlsError } from "@openmls-ts/traits";
import { isConnectionLost, isTransient } from "./errors.ts";
import { queryLast, queryRows, withClient } from "./pool.ts";
import type { PostgresClient, PostgresPool } from "./pool.ts";

/** How often a batch is begun anew after a deadlock or on a connection that turned out to be dead. */
const ATTEMPTS = 3;

/** Milliseconds to wait before each question about what became of a COMMIT. */
const OUTCOME_DELAYS = [0, 50, 200, 1000, 3000] as const;

/** Milliseconds after which the server ends a transaction whose client has fallen silent, locks and all. */
const SILENCE = 60_000;

/** What a transaction begins with. */
export interface TransactionSettings {
  /** In ascending order. */
  readonly locks: readonly bigint[];
  /** Milliseconds to wait for them. */
  readonly lockTimeout: number;
  /** Reads what has to be as it was when the store was opened; its rows go to `check`. */
  readonly guard: string;
  readonly check: (value: string | null | undefined) => void;
}

/** The connection is gone, and with it the answer to COMMIT. */
class CommitUnanswered extends Error {
  readonly transaction: string;
  readonly backend: string;

  constructor(transaction: string, backend: string, cause: unknown) {
    super("COMMIT was not answered", { cause });
    this.transaction = transaction;
    this.backend = backend;
  }
}

/**
 * Runs `action` in one transaction, under its locks.
 * @returns once it is committed and, as far as the server's settings allow, on the disk
 * @throws what `action` throws, with nothing changed; `ERR_MLS_STORAGE` with `details.outcome: "unknown"` when the connection
 *   was lost at COMMIT and nobody can be asked what became of it
 */
export async function inTransaction(
  pool: PostgresPool,
  settings: TransactionSettings,
  action: (client: PostgresClient) => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await withClient(pool, async (client) => runOnce(client, settings, action), isReusable);
      return;
    } catch (error) {
      if (error instanceof CommitUnanswered) {
        await settle(pool, error);
        return;
      }
      // Nothing has been committed: the whole may be done again.
      if (attempt >= ATTEMPTS || !(isTransient(error) || isConnectionLost(error))) {
        throw error;
      }
    }
  }
}

/** After an error of which the server told, ROLLBACK has been answered. */
function isReusable(error: unknown): boolean {
  return !(error instanceof CommitUnanswered) && !isConnectionLost(error);
}

async function runOnce(
  client: PostgresClient,
  settings: TransactionSettings,
  action: (client: PostgresClient) => Promise<void>,
): Promise<void> {
  let transaction = "";
  let backend = "";
  try {
    const [begun] = await queryLast(client, beginning(settings));
    transaction = begun?.["transaction"] ?? "";
    backend = begun?.["backend"] ?? "";
    settings.check(begun?.["guard"]);
    await action(client);
  } catch (error) {
    if (!isConnectionLost(error)) {
      await client.query("ROLLBACK");
    }
    throw error;
  }
  try {
    await client.query("COMMIT");
  } catch (error) {
    // An error that the server sent says that it has rolled back.
    throw isConnectionLost(error) ? new CommitUnanswered(transaction, backend, error) : error;
  }
}

/** One round trip. READ COMMITTED, so that each statement after the locks sees what was committed before they were given. */
function beginning({ locks, lockTimeout, guard }: TransactionSettings): string[] {
  return [
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    `SELECT set_config('lock_timeout', '${lockTimeout}', true),
      set_config('idle_in_transaction_session_timeout', '${SILENCE}', true),
      set_config('synchronous_commit', CASE current_setting('synchronous_commit')
        WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)`,
    ...locks.map((lock) => `SELECT pg_advisory_xact_lock(${lock})`),
    `SELECT pg_current_xact_id()::text AS transaction, pg_backend_pid()::text AS backend, (${guard})::text AS guard`,
  ];
}

/** Finds out what became of a COMMIT that was not answered. */
async function settle(pool: PostgresPool, { transaction, backend, cause }: CommitUnanswered): Promise<void> {
  for (const delay of OUTCOME_DELAYS) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    try {
      const status = await withClient(pool, async (client) => ask(client, transaction, backend), isReusable);
      if (status === "committed") {
        return;
      }
      if (status === "aborted") {
        throw new MlsError("ERR_MLS_STORAGE", "PostgreSQL has rolled back: the connection was lost", {
          cause,
          details: { connectionLost: true },
        });
      }
    } catch (error) {
      if (isMlsError(error)) {
        throw error;
      }
      // Still not to be reached: asked again.
    }
  }
  throw new MlsError(
    "ERR_MLS_STORAGE",
    "the connection was lost at COMMIT, and the server does not say what became of it: load again",
    { cause, details: { connectionLost: true, outcome: "unknown" } },
  );
}

async function ask(client: PostgresClient, transaction: string, backend: string): Promise<string | null> {
  // A server process that waits for us will never get our COMMIT; ended, it rolls back. Only ours has this transaction.
  await queryRows(
    client,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE pid = $1::int AND backend_xid = $2::xid8::xid AND state LIKE 'idle in transaction%'`,
    [backend, transaction],
  );
  const [row] = await queryRows(client, "SELECT pg_xact_status($1::xid8) AS status", [transaction]);
  return row?.["status"] ?? null;
}
