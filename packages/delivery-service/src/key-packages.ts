import { type Claim, type ClaimedKeyPackage, keyPackageRefOf } from "@openmls-ts/client";
import { MlsMessage } from "@openmls-ts/mls-core";
import { type CryptoProvider, equalBytes } from "@openmls-ts/traits";
import { big, blob, type Database, sha256 } from "./database.ts";

/** The key packages that devices publish. */
export class KeyPackages {
  readonly #db: Database;
  readonly #crypto: CryptoProvider;
  readonly #now: () => number;
  readonly #most: number;

  /** @param most of one device */
  constructor(database: Database, crypto: CryptoProvider, now: () => number, most: number) {
    this.#db = database;
    this.#crypto = crypto;
    this.#now = now;
    this.#most = most;
  }

  async publish(
    device: Uint8Array,
    keyPackages: readonly Uint8Array[],
  ): Promise<{ refused: { index: number; reason: string }[] }> {
    const refused: { index: number; reason: string }[] = [];
    const row = this.#db.get("select count(*) as n from key_package where device = ?", device);
    let count = Number(row?.["n"] ?? 0);
    for (const [index, bytes] of keyPackages.entries()) {
      const reason = count >= this.#most ? "too many" : await this.#store(device, bytes);
      if (reason === undefined) count++;
      else refused.push({ index, reason });
    }
    return { refused };
  }

  /** @returns why not */
  async #store(device: Uint8Array, bytes: Uint8Array): Promise<string | undefined> {
    try {
      const read = MlsMessage.read(bytes);
      if (read.kind !== "keyPackage") return "not a key package";
      const { leafNode, cipherSuite } = read;
      if (!equalBytes(sha256(leafNode.signatureKey).slice(0, 16), device)) return "of another device";
      const notAfter = leafNode.leafNodeSource === 1 ? leafNode.lifetime.notAfter : 0n;
      if (notAfter <= BigInt(this.#now())) return "expired";
      const ref = keyPackageRefOf(await this.#crypto.cipherSuite(cipherSuite), bytes);
      const until = Number(notAfter < BigInt(Number.MAX_SAFE_INTEGER) ? notAfter : Number.MAX_SAFE_INTEGER);
      this.#db.run(
        "insert or ignore into key_package values (?, ?, ?, ?, ?)",
        ref,
        device,
        cipherSuite,
        until,
        bytes,
      );
      return undefined;
    } catch {
      return "not a key package";
    }
  }

  list(
    device: Uint8Array,
  ): { ref: Uint8Array; cipherSuite: number; lastResort: boolean; notAfter: bigint }[] {
    return this.#db
      .all("select ref, suite, not_after from key_package where device = ?", device)
      .map((row) => ({
        ref: blob(row["ref"]),
        cipherSuite: Number(row["suite"]),
        lastResort: false,
        notAfter: big(row["not_after"]),
      }));
  }

  claim({ id, cipherSuite }: Claim, device: Uint8Array): ClaimedKeyPackage {
    return this.#db.transaction(() => {
      const before = this.#db.get("select body from claim where id = ? and device = ?", id, device);
      if (before !== undefined) return { device, keyPackage: blob(before["body"]), lastResort: false };
      if (this.#db.get("select 1 from device where device = ?", device) === undefined) {
        return { device, missing: "unknown-device" as const };
      }
      const row = this.#db.get(
        "delete from key_package where ref = (select ref from key_package where device = ? and suite = ? and not_after > ? order by not_after limit 1) returning body",
        device,
        cipherSuite,
        this.#now(),
      );
      if (row === undefined) return { device, missing: "exhausted" as const };
      const body = blob(row["body"]);
      this.#db.run("insert into claim values (?, ?, ?)", id, device, body);
      return { device, keyPackage: body, lastResort: false };
    });
  }

  delete(device: Uint8Array, refs: readonly Uint8Array[]): void {
    for (const ref of refs) this.#db.run("delete from key_package where ref = ? and device = ?", ref, device);
  }
}
