import { concatBytes } from "@openmls-ts/traits";
import { expectRefused } from "./checks.ts";
import type { Attack } from "./steps.ts";
import type { World } from "./world.ts";

/** Throws a damaged, old, foreign or invented message at a member, who must refuse it and stay as it was. */
export async function attack(world: World, on: number, which: number, how: Attack): Promise<void> {
  const peer = world.peer(on);
  const { group } = peer;
  // Of its own messages a member says that they are its own, however damaged; those it does not trust either.
  const letters = world.letters.filter(({ from }) => from !== peer.client.name);
  const known =
    how.kind === "old"
      ? [
          ...letters.filter(({ epoch }) => epoch < group.epoch - BigInt(group.config.maxPastEpochs)).map((l) => l.bytes),
          ...letters.filter(({ read }) => read.has(peer)).map(({ bytes }) => bytes),
          ...world.wire.slice(0, world.wireOfEpoch),
        ]
      : [...letters.map(({ bytes }) => bytes), ...world.wire.slice(0, world.wireOfEpoch)];
  const message = known[which % known.length] ?? new Uint8Array();
  await expectRefused(peer, async () => group.processMessage(damaged(message, how)));
}

function damaged(message: Uint8Array, how: Attack): Uint8Array {
  switch (how.kind) {
    case "flip": {
      const copy = message.slice();
      const at = how.at % Math.max(1, copy.length);
      if (at < copy.length) {
        copy[at] = copy[at]! ^ (1 << how.bit);
      }
      return copy;
    }
    case "cut":
      return message.slice(0, how.at % Math.max(1, message.length));
    case "extend":
      return concatBytes(message, how.bytes);
    case "random":
      return how.bytes;
    case "old":
      return message;
  }
}
