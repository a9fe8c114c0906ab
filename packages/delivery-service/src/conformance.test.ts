import { deliveryServiceCases } from "@openmls-ts/client/conformance";
import { MemoryDeliveryService } from "@openmls-ts/client/memory";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpDeliveryService, type RunningDeliveryService, startDeliveryService } from "./index.ts";
import { crypto, deliveryContext } from "./testing/context.ts";

let running: RunningDeliveryService | undefined;
beforeAll(async () => {
  running = await startDeliveryService({ crypto, limits: { page: 5, rate: 10_000, burst: 10_000 } });
});
afterAll(async () => running?.close());

const memory = await MemoryDeliveryService.create({
  crypto,
  now: () => BigInt(Math.floor(Date.now() / 1000)),
  maxPage: 5,
});

describe.each([
  ["in memory", deliveryContext(async (record) => memory.connect(record))],
  [
    "over HTTP, on SQLite",
    deliveryContext(async ({ user, signer }) =>
      httpDeliveryService({ url: running!.url, crypto, signer, user }),
    ),
  ],
])("a delivery service %s", (_, context) => {
  it.each(deliveryServiceCases)("$name", async (one) => {
    await expect(one.run(context)).resolves.toBeUndefined();
  });
});
