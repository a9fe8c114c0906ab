import { type CipherSuite, concatBytes, Secret, type StorageProvider, wipe } from "@openmls-ts/traits";
import { type Codec, decode, encode, opaque, struct, uint16 } from "../codec/index.ts";
import type { EpochState } from "../epoch/index.ts";
import type { WireFormatEntry } from "../feature/index.ts";
import { exportSecret } from "../key-schedule/index.ts";
import { decodeRecord } from "../stored-format.ts";
import { leafToNode } from "../tree/tree-math.ts";
import type { Batch } from "../write-batch.ts";
import { epochId, type GroupRecords } from "./records.ts";

/** What opens messages of a feature's wire format in an epoch that has ended. */
export interface PastFeature {
  readonly kept: Secret;
  /** The private key of our leaf as it was. */
  readonly leafKey: Secret;
}

/** By wire format. */
export type PastFeatures = ReadonlyMap<number, PastFeature>;

type WireFormats = ReadonlyMap<number, WireFormatEntry>;

interface StoredPastFeature {
  readonly kept: Uint8Array;
  readonly leafKey: Uint8Array;
}

const storedPastFeature: Codec<StoredPastFeature> = struct<StoredPastFeature>({
  kept: opaque,
  leafKey: opaque,
});

/** Asks the features what they need of an epoch that ends. */
export function keepForFeatures(
  suite: CipherSuite,
  wireFormats: WireFormats,
  { groupContext, secrets, privateTree }: EpochState,
): PastFeatures {
  const kept = new Map<number, PastFeature>();
  const leafKey = privateTree.key(leafToNode(privateTree.leafIndex));
  for (const entry of wireFormats.values()) {
    if (entry.keep !== undefined && leafKey !== undefined) {
      const bytes = entry.keep({
        suite,
        groupContext,
        exportSecret: (label, context, length) =>
          exportSecret(suite, secrets.exporterSecret, label, context, length),
      });
      kept.set(entry.wireFormat, { kept: new Secret(new Uint8Array(bytes)), leafKey: leafKey.clone() });
    }
  }
  return kept;
}

export function writePastFeatures(
  batch: Batch,
  records: GroupRecords,
  epoch: bigint,
  features: PastFeatures,
): void {
  for (const [wireFormat, { kept, leafKey }] of features) {
    const value = encode(storedPastFeature, { kept: kept.expose(), leafKey: leafKey.expose() });
    const id = concatBytes(epochId(epoch), encode(uint16, wireFormat));
    batch.put(records.record("past_feature", id, value));
    wipe(value);
  }
}

/** Reads nothing where no feature keeps anything. @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export async function loadPastFeatures(
  storage: Pick<StorageProvider, "list">,
  records: GroupRecords,
  wireFormats: WireFormats,
  epoch: bigint,
): Promise<PastFeatures> {
  const features = new Map<number, PastFeature>();
  if (![...wireFormats.values()].some((entry) => entry.keep !== undefined)) {
    return features;
  }
  for (const { key, value } of await storage.list(records.prefix("past_feature", epochId(epoch)))) {
    const { kept, leafKey } = decodeRecord(storedPastFeature, value, "past_feature");
    const wireFormat = decode(uint16, key.id.subarray(8));
    features.set(wireFormat, { kept: new Secret(kept), leafKey: new Secret(leafKey) });
  }
  return features;
}

export function wipePastFeatures(features: PastFeatures): void {
  for (const { kept, leafKey } of features.values()) {
    kept.wipe();
    leafKey.wipe();
  }
}
