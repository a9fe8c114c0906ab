import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addressOf, fetchVectors, RAW_HOST } from "./fetch.ts";
import type { ManifestEntry } from "./manifest.ts";

const CONTENT = "[1,2,3]";

function entry(path: string, overrides: Partial<ManifestEntry> = {}): ManifestEntry {
  const sha256 = createHash("sha256").update(CONTENT).digest("hex");
  const origin = { repository: "owner/name", commit: "0123", path };
  return {
    file: `mls/${path}`,
    format: "x",
    cases: 3,
    bytes: CONTENT.length,
    sha256,
    ...origin,
    ...overrides,
  };
}

describe("pnpm vectors:fetch", () => {
  let folder = "";
  let server: Server;
  let host = "";
  let asked: string[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "mls-fetch-"));
    asked = [];
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.statusCode = request.url?.endsWith("gone.json") === true ? 404 : 200;
      response.end(request.url?.endsWith("forged.json") === true ? "[1,2,4]" : CONTENT);
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await new Promise((resolve) => void server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  it("downloads from the commit and keeps what has the right hash", async () => {
    const results = await fetchVectors([entry("a.json")], folder, fetch, host);
    expect(results).toMatchObject([{ file: "mls/a.json", state: "fetched" }]);
    expect(asked).toEqual(["/owner/name/0123/a.json"]);
    expect(readFileSync(join(folder, "mls", "a.json"), "utf8")).toBe(CONTENT);
  });

  it("does not ask for what is there", async () => {
    await fetchVectors([entry("a.json")], folder, fetch, host);
    expect(await fetchVectors([entry("a.json")], folder, fetch, host)).toMatchObject([{ state: "present" }]);
    expect(asked).toHaveLength(1);
  });

  it("keeps nothing of a file with another hash, and goes on", async () => {
    const results = await fetchVectors([entry("forged.json"), entry("a.json")], folder, fetch, host);
    expect(results.map(({ state }) => state)).toEqual(["failed", "fetched"]);
    expect(results[0]?.detail).toContain("SHA-256");
    expect(readdirSync(join(folder, "mls"))).toEqual(["a.json"]);
  });

  it("reports what the server does not have, and a server that does not answer", async () => {
    const gone = await fetchVectors([entry("gone.json")], folder, fetch, host);
    expect(gone).toMatchObject([{ state: "failed" }]);
    expect(gone[0]?.detail).toContain("404");
    const failing = async (): Promise<never> => Promise.reject(new TypeError("fetch failed"));
    expect(await fetchVectors([entry("a.json")], folder, failing)).toMatchObject([{ state: "failed" }]);
  });

  it("does not download what was changed after the download, nor what is generated here", async () => {
    const changed = entry("a.json", { change: "cut" });
    const results = await fetchVectors(
      [changed, entry("b.json", { origin: "generated" })],
      folder,
      fetch,
      host,
    );
    expect(results).toEqual([{ file: "mls/a.json", state: "not downloadable", detail: "cut" }]);
    expect(asked).toEqual([]);
    expect(addressOf(entry("a.json"), RAW_HOST)).toBe(
      "https://raw.githubusercontent.com/owner/name/0123/a.json",
    );
  });
});
