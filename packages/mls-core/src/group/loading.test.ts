import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type StorageProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import { follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { forgeWelcome } from "../testing/forge-welcome.ts";
import { scene } from "../testing/scene.ts";
import { mlsError } from "../testing/suites.ts";
import { insideOf, newcomer, newWorld } from "../testing/world.ts";

const crypto = nodeCrypto();

describe("a group that is loaded while another handle writes", () => {
  /** A store that lets something happen after the first read of a table. */
  function between(
    storage: StorageProvider,
    table: string,
    meanwhile: () => Promise<unknown>,
  ): StorageProvider {
    let done = false;
    const once = async (name: string): Promise<void> => {
      if (name === table && !done) {
        done = true;
        await meanwhile();
      }
    };
    return {
      name: "racing",
      get: async (key) => {
        const value = await storage.get(key);
        await once(key.table);
        return value;
      },
      list: async (prefix) => {
        const records = await storage.list(prefix);
        await once(prefix.table);
        return records;
      },
      listOwners: async (name) => storage.listOwners(name),
      write: async (batch) => storage.write(batch),
    };
  }

  it("does not use a message key again", async () => {
    const { alice, a, b } = await scene(crypto);
    const sent: Uint8Array[] = [];
    const storage = between(alice.storage, "message_key", async () => {
      sent.push(await a.createMessage(alice.signer, utf8("first")));
    });
    const second = await MlsGroup.load({ ...alice.provider, storage }, a.groupId);
    sent.push(await second!.createMessage(alice.signer, utf8("second")));
    for (const [at, text] of ["first", "second"].entries()) {
      expect(await b.processMessage(sent[at]!)).toMatchObject({ data: utf8(text) });
    }
  });

  it.each(["group", "tree_node", "path_key", "epoch", "message_key"])(
    "is of one epoch, also if the epoch ends after the read of %s",
    async (table) => {
      const { alice, a, b } = await scene(crypto);
      const storage = between(alice.storage, table, async () => {
        const { commit } = await a.selfUpdate(alice.signer);
        await a.mergePendingCommit();
        await follow(b, commit);
      });
      const second = await MlsGroup.load({ ...alice.provider, storage }, a.groupId);
      expect(second?.epochAuthenticator).toEqual(b.epochAuthenticator);
      const message = await second!.createMessage(alice.signer, utf8("hello"));
      expect(await b.processMessage(message)).toMatchObject({ data: utf8("hello") });
    },
  );
});

describe("a group in the last epoch that there can be", () => {
  it("is joined, used and loaded, and cannot be left (rfc55)", async () => {
    const { mallory } = await newWorld();
    const dave = await newcomer("dave");
    const { fields } = await keyPackageOf(dave);
    const context = <T extends object>(honest: T): T => ({ ...honest, epoch: 0xffff_ffff_ffff_ffffn });
    const { message } = await forgeWelcome(await insideOf(mallory), mallory.signer, [fields], { context });
    const joined = await joinFrom(dave, message);
    await joined.createMessage(dave.signer, utf8("the last words"));
    const loaded = await MlsGroup.load(dave.provider, joined.groupId);
    expect(loaded?.epoch).toBe(0xffff_ffff_ffff_ffffn);
    for (const group of [joined, loaded!]) {
      await expect(group.selfUpdate(dave.signer)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc55"));
    }
  });
});
