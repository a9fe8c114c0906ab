import { describe, expect, it } from "vitest";
import type { MlsErrorCode } from "@openmls-ts/traits";
import { follow } from "../testing/client.ts";
import { forgeExternalCommit } from "../testing/forge-welcome.ts";
import { forgeUpdate } from "../testing/forge-update.ts";
import { add, cached, gce, psk, reinit, remove, sharePsk } from "../testing/proposals.ts";
import { expectRefused, insideOf, newcomer, newWorld, sharedWorld, type World } from "../testing/world.ts";

const world = sharedWorld();

describe("the list of an external commit (RFC 9420 §12.2)", () => {
  const expectExternalRefused = async (
    all: World,
    options: Parameters<typeof forgeExternalCommit>[2],
    rule: string,
    code: MlsErrorCode = "ERR_MLS_VALIDATION",
  ): Promise<void> => {
    const { message } = await forgeExternalCommit(
      await insideOf(all.mallory),
      await newcomer("dave"),
      options,
    );
    await expectRefused(all, message, code, rule);
  };

  it("valn0401: no ExternalInit, and two", async () => {
    await expectExternalRefused(await world(), { externalInits: 0 }, "valn0401");
    await expectExternalRefused(await world(), { externalInits: 2 }, "valn0401");
  });

  it("valn0402: two Removes", async () => {
    await expectExternalRefused(await world(), { proposals: [remove(1), remove(2)] }, "valn0402");
  });

  it("valn0402 trap20: the Remove of somebody else", async () => {
    await expectExternalRefused(
      await world(),
      { proposals: [remove(2)] },
      "trap20",
      "ERR_MLS_CREDENTIAL_REJECTED",
    );
  });

  it("valn0402 valn1208: the Remove of the own old leaf, keeping its encryption_key", async () => {
    const all = await world();
    const { encryptionKey } = all.charlie.group.ownLeafNode;
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), all.charlie, {
      proposals: [remove(2)],
      leaf: (leaf) => ({ ...leaf, encryptionKey }),
    });
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn1208");
  });

  it.each([0, 1, 3])("valn0403: %i PSKs are fine", async (count) => {
    const all = await newWorld();
    const ids = ["a", "b", "c"].slice(0, count);
    await sharePsk(all, ...ids);
    const { message } = await forgeExternalCommit(await insideOf(all.mallory), await newcomer("dave"), {
      proposals: ids.map((id) => psk(id)),
    });
    await follow(all.bob.group, message);
    expect(all.bob.group.members()).toHaveLength(5);
  });

  it("valn0307: one PSK twice", async () => {
    await sharePsk(await world(), "a");
    await expectExternalRefused(await world(), { proposals: [psk("a"), psk("a")] }, "valn0307");
  });

  it("valn0404: other proposals", async () => {
    const all = await world();
    const update = await forgeUpdate(await insideOf(all.mallory), all.mallory.signer);
    for (const extra of [await add("erin"), update, gce(), reinit]) {
      await expectExternalRefused(all, { proposals: [extra], apply: () => undefined }, "valn0404");
    }
  });

  it("valn0406: a Remove and a PSK by reference", async () => {
    const all = await newWorld();
    await sharePsk(all, "a");
    for (const proposal of [remove(2), psk("a")]) {
      const byRef = await cached(all.charlie, proposal, all.bob);
      await expectExternalRefused(all, { proposals: [byRef], apply: () => undefined }, "valn0406");
    }
  });
});
