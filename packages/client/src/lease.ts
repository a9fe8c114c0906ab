import { equalBytes, isMlsError } from "@openmls-ts/traits";
import type { Context } from "./context.ts";
import { leaderRecord } from "./records.ts";
import { key, Tables } from "./tables.ts";

/** Seconds that a lead lasts without a word. */
const TERM = 15n;
const NOBODY = new Uint8Array();

/** Of several clients on one store the one that works; the others wait until it falls silent. */
export class Lease {
  readonly #ctx: Context;
  readonly #id: Uint8Array;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#id = ctx.seams.random(16);
  }

  /** Takes or keeps the lead. @returns whether this client has it */
  async hold(): Promise<boolean> {
    const { storage } = this.#ctx.provider;
    const at = key(Tables.leader, NOBODY);
    const now = this.#ctx.seams.now();
    const stored = await storage.get(at);
    if (stored !== undefined) {
      const { holder, until } = leaderRecord.read(stored);
      const mine = equalBytes(holder, this.#id);
      if (!mine && until > now && until <= now + TERM) return false;
      if (mine && until > now + TERM / 2n) return true;
    }
    try {
      const value = leaderRecord.write({ holder: this.#id, until: now + TERM });
      await storage.write({ puts: [{ key: at, value }], expect: [{ key: at, value: stored }] });
      return true;
    } catch (error) {
      if (isMlsError(error, "ERR_MLS_STORAGE_CONFLICT")) return false;
      throw error;
    }
  }

  /** Lets another lead at once. */
  async release(): Promise<void> {
    const { storage } = this.#ctx.provider;
    const at = key(Tables.leader, NOBODY);
    const stored = await storage.get(at);
    if (stored !== undefined && equalBytes(leaderRecord.read(stored).holder, this.#id)) {
      await storage.write({ deletes: [at], expect: [{ key: at, value: stored }] });
    }
  }
}
