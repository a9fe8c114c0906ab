import type { StorageProvider } from "@openmls-ts/traits";
import { DeliveryError, type DeliveryService } from "@openmls-ts/client";
import type { Mutant } from "./simulate.ts";

function changed(service: DeliveryService, methods: Partial<DeliveryService>): DeliveryService {
  return new Proxy(service, {
    get: (target, name): unknown => Reflect.get(methods, name) ?? Reflect.get(target, name),
  });
}

/** Batches of which only some records are written together with the rest. */
function splitting(table: string): (storage: StorageProvider) => StorageProvider {
  return (storage) => ({
    name: "split",
    get: async (key) => storage.get(key),
    list: async (prefix) => storage.list(prefix),
    listOwners: async (name) => storage.listOwners(name),
    write: async (batch) => {
      const { puts = [], ...rest } = batch;
      const apart = puts.filter(({ key }) => key.table === table);
      await storage.write({ ...rest, puts: puts.filter(({ key }) => key.table !== table) });
      await Promise.resolve();
      if (apart.length > 0 && dice() < 30) throw new Error("died between two writes");
      await storage.write({ puts: apart });
    },
  });
}

let state = 7;
function dice(): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 0x1_0000_0000) * 100);
}

/** Faults that a simulation must find. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  "the cursor in a batch of its own": { storage: splitting("client_group") },
  "the inbox in a batch of its own": { storage: splitting("client_inbox") },
  "the outbox in a batch of its own": { storage: splitting("client_outbox") },
  "a lost answer taken for a refusal": {
    service: (service) =>
      changed(service, {
        send: async (groupId, message) => {
          try {
            return await service.send(groupId, message);
          } catch (error) {
            throw error instanceof DeliveryError ? error : new DeliveryError("invalid", "no answer");
          }
        },
      }),
  },
  "a lost commit taken for a refusal": {
    service: (service) =>
      changed(service, {
        commit: async (bundle) => {
          try {
            return await service.commit(bundle);
          } catch (error) {
            throw error instanceof DeliveryError ? error : new DeliveryError("invalid", "no answer");
          }
        },
      }),
  },
  "mail that is acknowledged before it is stored": {
    service: (service) =>
      changed(service, {
        mail: async () => {
          const items = await service.mail();
          await service.acknowledgeMail(items.map(({ hash }) => hash));
          if (dice() < 20) throw new Error("died");
          return items;
        },
      }),
  },
  "a page that leaves an entry out": {
    service: (service) =>
      changed(service, {
        read: async (groupId, after) => {
          const page = await service.read(groupId, after);
          const gone = page.entries.findIndex(({ kind }) => kind === "application");
          if (gone < 0 || dice() > 20) return page;
          const { seq } = page.entries[gone]!;
          return {
            ...page,
            entries: page.entries.filter((_, i) => i !== gone),
            holes: [...page.holes, { from: seq, to: seq, why: "expired" }],
          };
        },
      }),
  },
};
