import {
  bytesArgument,
  MAX_STORAGE_ID_LENGTH,
  MAX_STORAGE_OWNER_LENGTH,
  MlsError,
  type MlsProvider,
  type StorageKey,
  type StorageProvider,
  wipe,
} from "@openmls-ts/traits";
import { encode, uint64 } from "../codec/index.ts";
import type { Environment } from "../feature/index.ts";
import { pskSecret } from "../key-schedule/index.ts";
import { openRecord, withFormat } from "../stored-format.ts";
import { storageOf } from "../typed-storage.ts";
import type { ExternalPskId, PreSharedKeyId, ResumptionPskId } from "../wire/index.ts";
import { PskType } from "../registry.ts";

/** Where an external PSK lies. */
function externalPskKey(pskId: Uint8Array): StorageKey {
  return { table: "psk", owner: new Uint8Array(), id: pskId };
}

/** Where the resumption PSK of an epoch lies (RFC 9420 §8.6). */
export function resumptionPskKey(groupId: Uint8Array, epoch: bigint): StorageKey {
  return { table: "resumption_psk", owner: groupId, id: encode(uint64, epoch) };
}

/** A copy of the resumption PSK that the store has of an epoch. @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT` */
export async function readResumptionPsk(
  provider: Pick<MlsProvider, "storage">,
  groupId: Uint8Array,
  epoch: bigint,
): Promise<Uint8Array | undefined> {
  const key = resumptionPskKey(groupId, epoch);
  return openIfThere(key.table, await storageOf(provider).get(key));
}

function pskIdArgument(pskId: Uint8Array): Uint8Array {
  const id = bytesArgument("pskId", pskId);
  if (id.length === 0 || id.length > MAX_STORAGE_ID_LENGTH) {
    throw new MlsError("ERR_MLS_USAGE", `pskId has 1 to ${MAX_STORAGE_ID_LENGTH} bytes`);
  }
  return id;
}

/**
 * Stores an external PSK (RFC 9420 §8.4) for later proposals and Welcomes that name it.
 * @param pskId 1 to 1024 bytes, known to all who use it @param psk secret bytes of any length
 * @throws MlsError `ERR_MLS_USAGE`, `ERR_MLS_STORAGE`
 */
export async function storeExternalPsk(
  storage: StorageProvider,
  pskId: Uint8Array,
  psk: Uint8Array,
): Promise<void> {
  const key = externalPskKey(pskIdArgument(pskId));
  const secret = bytesArgument("psk", psk);
  if (secret.length === 0) {
    throw new MlsError("ERR_MLS_USAGE", "psk is empty");
  }
  const value = withFormat(secret, key.table);
  wipe(secret);
  try {
    await storageOf({ storage }).write({ puts: [{ key, value }] });
  } finally {
    wipe(value);
  }
}

/** Forgets an external PSK. @throws MlsError `ERR_MLS_USAGE`, `ERR_MLS_STORAGE` */
export async function deleteExternalPsk(storage: StorageProvider, pskId: Uint8Array): Promise<void> {
  await storageOf({ storage }).write({ deletes: [externalPskKey(pskIdArgument(pskId))] });
}

/** The PSKs of one commit or Welcome, looked up once each. Wipe it after use. */
export class PskValues {
  readonly #env: Environment;
  readonly #found = new Map<PreSharedKeyId, Uint8Array>();

  constructor(env: Environment) {
    this.#env = env;
  }

  /** @throws MlsError `ERR_MLS_MISSING_PSK` with `details.id`, `ERR_MLS_STORAGE` */
  async find(id: PreSharedKeyId): Promise<void> {
    if (this.#found.has(id)) {
      return;
    }
    const value = await this.#read(id);
    if (value === undefined) {
      throw new MlsError("ERR_MLS_MISSING_PSK", "a PSK is not at hand", {
        rule: "valn1205",
        details: { id },
      });
    }
    this.#found.set(id, value);
  }

  /** The psk_secret of a list in its order (RFC 9420 §8.4), Nh bytes; zeros for none. @throws MlsError as {@link find} */
  async secret(ids: readonly PreSharedKeyId[]): Promise<Uint8Array> {
    for (const id of ids) {
      await this.find(id);
    }
    return pskSecret(
      this.#env.suite,
      ids.map((id) => ({ id, psk: this.#found.get(id)! })),
    );
  }

  wipe(): void {
    wipe(...this.#found.values());
  }

  async #read(id: PreSharedKeyId): Promise<Uint8Array | undefined> {
    const storage = storageOf(this.#env.provider);
    if ("body" in id) {
      const entry = this.#env.features.psks.get(id.pskType);
      return entry?.find(id.body, {
        get: async (at) =>
          openIfThere("feature", await storage.get({ table: "feature", owner: new Uint8Array(), id: at })),
      });
    }
    const key =
      id.pskType === PskType.external
        ? externalPskKey((id as ExternalPskId).pskId)
        : resumptionPskKey((id as ResumptionPskId).pskGroupId, (id as ResumptionPskId).pskEpoch);
    return key.id.length > MAX_STORAGE_ID_LENGTH || key.owner.length > MAX_STORAGE_OWNER_LENGTH
      ? undefined // no store has it, and none is asked
      : openIfThere(key.table, await storage.get(key));
  }
}

function openIfThere(table: string, value: Uint8Array | undefined): Uint8Array | undefined {
  try {
    return value === undefined ? undefined : openRecord(value, table);
  } finally {
    wipe(value); // it was a copy of the store's, and is one of ours now
  }
}
