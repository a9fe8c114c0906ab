import { describe, expect, it } from "vitest";
import { KeyPackageIn } from "../index.ts";
import { CRYPTO } from "../testing/cast.ts";
import { client, createGroup, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";
import { recordsOf } from "../testing/world.ts";

const [, node] = CRYPTO[0]!;

describe("a key package that is refused at a public door changes nothing", () => {
  it("after its lifetime (valn0106)", async () => {
    const [alice, bob] = [await client("alice", node), await client("bob", node)];
    const message = (await keyPackageOf(bob)).toMessage();
    const late = {
      ...alice.provider,
      clock: { now: () => BigInt(Math.floor(Date.now() / 1000)) + 10_000_000n },
    };
    const refusal = mlsError("ERR_MLS_VALIDATION", "valn0106");
    await expect(KeyPackageIn.fromMessage(message).validate(late)).rejects.toThrow(refusal);
    expect(recordsOf(alice)).toBe("");
  });

  it("of another protocol version than the message around it (valn0205)", async () => {
    const [alice, bob] = [await client("alice", node), await client("bob", node)];
    const group = await createGroup(alice);
    const message = (await keyPackageOf(bob)).toMessage();
    message[5] = 2; // after version and wire format
    const before = recordsOf(alice);
    const refusal = mlsError("ERR_MLS_VALIDATION", "valn0205");
    await expect(group.addMembers(alice.signer, [message])).rejects.toThrow(refusal);
    expect([recordsOf(alice), group.pendingCommit, group.epoch]).toEqual([before, undefined, 0n]);
  });
});
