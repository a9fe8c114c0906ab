// A dedicated worker, and a service worker too: both answer orders on the port that comes with them.
import { carryOut, type Order } from "../tasks/index.ts";

const scope = globalThis as unknown as {
  addEventListener(
    type: string,
    listener: (event: {
      readonly data: Order;
      readonly ports: readonly MessagePort[];
      waitUntil?(work: Promise<unknown>): void;
    }) => void,
  ): void;
};

scope.addEventListener("message", (event) => {
  const work = carryOut(event.data).then((reply) => event.ports[0]?.postMessage(reply));
  // A service worker is stopped when it seems to have nothing to do.
  event.waitUntil?.(work);
});
