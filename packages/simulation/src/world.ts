import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type CryptoProvider, type MlsProvider, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { type Client, type DeliveryService, deviceAddress, openClient } from "@openmls-ts/client";
import { MemoryDeliveryService } from "@openmls-ts/client/memory";
import type { Seams } from "@openmls-ts/client";

export const crypto: CryptoProvider = nodeCrypto({ threads: false });

/** A clock that a test moves, randomness from a seed, no waiting. */
export class World {
  time = 1_800_000_000n;
  #state: number;
  readonly service: MemoryDeliveryService;

  private constructor(seed: number, service: MemoryDeliveryService) {
    this.#state = seed >>> 0;
    this.service = service;
  }

  static async create(seed = 1, maxPage = 256): Promise<World> {
    const clock: { world?: World } = {};
    const now = (): bigint => clock.world?.time ?? 0n;
    return (clock.world = new World(seed, await MemoryDeliveryService.create({ crypto, now, maxPage })));
  }

  /** A number below `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 0x1_0000_0000) * limit);
  }

  get seams(): Seams {
    return {
      now: () => this.time,
      random: (length) => Uint8Array.from({ length }, () => this.below(256)),
      sleep: async () => Promise.resolve(),
    };
  }

  async device(user: string): Promise<Device> {
    const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
    const storage = memoryStorage();
    const identity = { credential: basicCredential(utf8(user)), signatureKey: signer.publicKey };
    const provider: MlsProvider = {
      crypto,
      storage,
      credentialValidator: { validate: async () => true },
      clock: { now: () => this.time },
    };
    const device = await deviceAddress(provider, signer.publicKey);
    const service = this.service.connect({ user, device });
    const open = async (
      over: { service?: DeliveryService; storage?: StorageProvider } = {},
    ): Promise<Client> =>
      openClient({
        provider: { ...provider, storage: over.storage ?? storage },
        signer,
        identity,
        deliveryService: over.service ?? service,
        seams: this.seams,
        pool: { target: 4, low: 2 },
      });
    return { user, storage, service, open, client: await open() };
  }

  /** Lets all clients work until nobody has anything to do. */
  async settle(...devices: readonly Device[]): Promise<void> {
    for (let round = 0; round < 200; round++) {
      let busy = false;
      for (const { client } of devices) busy = (await client.step()) || busy;
      if (!busy && round > 3) return;
      this.time += 1n;
    }
    throw new Error("no end");
  }
}

/** One device of somebody. */
export interface Device {
  readonly user: string;
  readonly storage: ReturnType<typeof memoryStorage>;
  readonly service: DeliveryService;
  client: Client;
  open(over?: { service?: DeliveryService; storage?: StorageProvider }): Promise<Client>;
}

/** The messages that a device has, as `user: text`, in their order. */
export async function messages({ client }: Device): Promise<string[]> {
  return (await told(client))
    .filter(({ kind }) => kind === "message")
    .map(({ user, data }) => `${user}: ${data}`);
}

/** What a client has to tell at this moment. */
export async function told(
  client: Client,
): Promise<{ kind: string; user: string; by: string; reason: string; data: string }[]> {
  const found = [];
  const events = client.events("test");
  const stop = { done: true as const, value: undefined };
  for (;;) {
    const next = await Promise.race([
      events.next(),
      new Promise<typeof stop>((resolve) => setImmediate(() => resolve(stop))),
    ]);
    if (next.done === true) break;
    const { kind, user, by, reason, data } = next.value;
    found.push({ kind, user, by, reason, data: new TextDecoder().decode(data) });
  }
  return found;
}
