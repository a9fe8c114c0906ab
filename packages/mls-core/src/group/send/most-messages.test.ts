import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals } from "../../index.ts";
import { follow } from "../../testing/client.ts";
import { mlsError } from "../../testing/suites.ts";
import { newWorld, stateOf } from "../../testing/world.ts";

const LIMIT = mlsError("ERR_MLS_LIMIT", "rfc33");

describe("what one member encrypts in an epoch (rfc33, RFC 9420 §15.2)", () => {
  it("ends at the limit, after a reload too, and begins again with the next epoch", async () => {
    const { alice, bob } = await newWorld({
      provider: { limits: { maxMessagesPerEpoch: 3 } },
      config: { handshake: "private" },
    });
    for (let i = 0; i < 3; i++) {
      await bob.group.processMessage(await alice.group.createMessage(alice.signer, utf8(`${i}`)));
    }
    const before = stateOf(alice);
    await expect(alice.group.createMessage(alice.signer, utf8("3"))).rejects.toThrow(LIMIT);
    expect(stateOf(alice)).toEqual(before);
    const loaded = (await MlsGroup.load(alice.provider, alice.group.groupId))!;
    await expect(loaded.createMessage(alice.signer, utf8("3"))).rejects.toThrow(LIMIT);

    for (let i = 0; i < 4; i++) {
      await loaded.propose(alice.signer, proposals.update()); // handshake messages have keys of their own
    }
    const { commit } = await loaded
      .commit()
      .includePendingProposals(false)
      .forceSelfUpdate()
      .build(alice.signer);
    await loaded.mergePendingCommit();
    await follow(bob.group, commit);
    await bob.group.processMessage(await loaded.createMessage(alice.signer, utf8("3")));
  });

  it("is bounded by size as well, AAD included", async () => {
    const { alice } = await newWorld({ provider: { limits: { maxMessageSize: 4096 } } });
    const before = stateOf(alice);
    const options = { authenticatedData: new Uint8Array(2048) };
    await expect(alice.group.createMessage(alice.signer, new Uint8Array(2048), options)).rejects.toThrow(
      mlsError("ERR_MLS_LIMIT"),
    );
    expect(stateOf(alice)).toEqual(before);
  });
});
