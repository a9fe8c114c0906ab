import { concatBytes } from "@openmls-ts/traits";
import { expectRefused } from "./checks.ts";
import type { Attack } from "./steps.ts";
import type { Letter, Peer, World } from "./world.ts";

/** Throws a damaged, old, foreign or invented message at a member, who must refuse it and stay as it was. */
export async function attack(world: World, on: number, which: number, how: Attack): Promise<void> {
  const peer = world.peer(on);
  const { group } = peer;
  // A member calls its own messages its own, however damaged, and uses nothing of them.
  const foreign = [...world.wire, ...world.letters].filter(({ from }) => from !== peer.client.name);
  const known = how.kind === "old" ? foreign.filter((message) => isOld(peer, message)) : foreign;
  const chosen = known[which % known.length];
  const message = damaged(chosen?.bytes ?? new Uint8Array(), how);
  await expectRefused(peer, async () => group.processMessage(message));
  // Whoever follows from outside cannot check tags; what is over is over there too.
  if (chosen === undefined || "read" in chosen || chosen.epoch < world.epoch) {
    await world.observer?.refuse(message);
  }
}

/** Whether a message, undamaged, is nothing that the member may take in. */
function isOld(peer: Peer, message: Letter | World["wire"][number]): boolean {
  const age = peer.group.epoch - message.epoch;
  return "read" in message
    ? message.read.has(peer) || age > BigInt(peer.group.config.maxPastEpochs) || !message.waiting.has(peer)
    : age > 0n;
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
