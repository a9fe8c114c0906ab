import {
  MAX_STORAGE_ID_LENGTH,
  MAX_STORAGE_OWNER_LENGTH,
  MlsError,
  type StorageKey,
  type StorageProvider,
} from "@openmls-ts/traits";
import { encode, uint64 } from "../codec/index.ts";
import type { Environment } from "../environment.ts";
import { pskSecret } from "../key-schedule/psk.ts";
import { type PreSharedKeyId } from "../wire/index.ts";
import { PskType } from "../registry.ts";
import { openRecord, withFormat } from "../stored-format.ts";
import { storageOf } from "../typed-storage.ts";

/** Where an external PSK lies. */
function externalPskKey(pskId: Uint8Array): StorageKey {
  return { table: "psk", owner: new Uint8Array(), id: pskId };
}

/** Where the resumption PSK of an epoch lies (RFC 9420 §8.6). */
export function resumptionPskKey(groupId: Uint8Array, epoch: bigint): StorageKey {
  return { table: "resumption_psk", owner: groupId, id: encode(uint64, epoch) };
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
  if (pskId.length === 0 || psk.length === 0) {
    throw new MlsError("ERR_MLS_USAGE", "a PSK and its id are not empty");
  }
  await storageOf({ storage }).write({ puts: [{ key: externalPskKey(pskId), value: withFormat(psk) }] });
}

/** Forgets an external PSK. @throws MlsError `ERR_MLS_STORAGE` */
export async function deleteExternalPsk(storage: StorageProvider, pskId: Uint8Array): Promise<void> {
  await storageOf({ storage }).write({ deletes: [externalPskKey(pskId)] });
}

/**
 * The psk_secret of a list of PSKs in its order (RFC 9420 §8.4); zeros for none.
 * @throws MlsError `ERR_MLS_MISSING_PSK`, with the first one that is not at hand as `details.id`
 */
export async function lookUpPskSecret(env: Environment, ids: readonly PreSharedKeyId[]): Promise<Uint8Array> {
  const psks: { id: PreSharedKeyId; psk: Uint8Array }[] = [];
  for (const id of ids) {
    const key =
      id.pskType === PskType.external
        ? externalPskKey(id.pskId)
        : resumptionPskKey(id.pskGroupId, id.pskEpoch);
    const value =
      key.id.length > MAX_STORAGE_ID_LENGTH || key.owner.length > MAX_STORAGE_OWNER_LENGTH
        ? undefined // no store has it, and none is asked
        : await storageOf(env.provider).get(key);
    if (value === undefined) {
      throw new MlsError("ERR_MLS_MISSING_PSK", "a PSK is not at hand", {
        rule: "valn1205",
        details: { id },
      });
    }
    psks.push({ id, psk: openRecord(value) });
  }
  const secret = pskSecret(env.suite, psks);
  for (const { psk } of psks) {
    psk.fill(0);
  }
  return secret;
}
