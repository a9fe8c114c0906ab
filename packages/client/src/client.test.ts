import { describe, expect, it } from "vitest";
import { messages, told, World } from "../../simulation/src/world.ts";

describe("a client", () => {
  it("makes a group, invites, talks, removes", async () => {
    const world = await World.create();
    const [alice, bob, carol] = [
      await world.device("alice"),
      await world.device("bob"),
      await world.device("carol"),
    ];
    await world.settle(alice, bob, carol);
    const id = await alice.client.createGroup();
    await alice.client.invite(id, "bob", "carol");
    await alice.client.send(id, "welcome");
    await world.settle(alice, bob, carol);
    await bob.client.send(id, "hello");
    await carol.client.send(id, "hi");
    await world.settle(alice, bob, carol);
    expect(await messages(bob)).toEqual(await messages(carol));
    expect(await messages(alice)).toEqual(["alice: welcome", "bob: hello", "carol: hi"]);
    await alice.client.remove(id, "carol");
    await world.settle(alice, bob, carol);
    await bob.client.send(id, "without carol");
    await world.settle(alice, bob, carol);
    expect((await carol.client.group(id)).state).toBe("removed");
    expect((await told(carol.client)).map(({ kind }) => kind)).toEqual([
      "invited",
      "message",
      "message",
      "message",
      "removed",
    ]);
    expect(await messages(alice)).toContain("bob: without carol");
    const codes = [await alice.client.verificationCode(id), await bob.client.verificationCode(id)];
    expect(codes[0]).toEqual(codes[1]);
  });
});
