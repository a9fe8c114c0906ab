import "fake-indexeddb/auto";
import { utf8 } from "@openmls-ts/traits";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { afterEach, expect, it, vi } from "vitest";
import type { GroupCoordinator, IndexedDbStorage, SharedGroup } from "./index.ts";

/** What the samples of the README export, as they stand there. */
interface Samples {
  openStore(): Promise<[IndexedDbStorage, GroupCoordinator]>;
  receive(tabs: GroupCoordinator, group: SharedGroup, message: Uint8Array): Promise<void>;
  listen(tabs: GroupCoordinator, group: SharedGroup, show: (data: Uint8Array) => void): Promise<void>;
}

async function loadSamples(): Promise<Samples> {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, sample]) => sample).join("\n");
  const script = stripTypeScriptTypes(code).replaceAll(
    '"@openmls-ts/storage-indexeddb"',
    JSON.stringify(new URL("index.ts", import.meta.url).href),
  );
  return (await import(`data:text/javascript,${encodeURIComponent(script)}`)) as Samples;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("the samples in the README open a store, and show a message in every tab", async () => {
  const { locks } = navigator;
  const estimate = async (): Promise<StorageEstimate> => ({ quota: 1 });
  vi.stubGlobal("navigator", {
    locks,
    storage: { persisted: async () => false, persist: async () => false, estimate },
  });
  const warn = vi.spyOn(console, "warn").mockReturnValue(undefined);
  const samples = await loadSamples();
  const [storage, one] = await samples.openStore();
  const [, two] = await samples.openStore();
  expect(storage).toMatchObject({ databaseName: "alice", durability: "strict", created: true });
  expect(warn).toHaveBeenCalledWith("the browser may delete this user's keys when the disk is full");

  const shown: Uint8Array[] = [];
  const group = {
    groupId: utf8("g"),
    processMessage: async (data: Uint8Array) => ({ kind: "application", data }),
  };
  await samples.listen(one, group, (data) => shown.push(data));
  await samples.listen(two, group, (data) => shown.push(data));
  await samples.receive(two, group, utf8("Hello"));
  await vi.waitFor(() => expect(shown).toEqual([utf8("Hello"), utf8("Hello")]));
  one.close();
  two.close();
});
