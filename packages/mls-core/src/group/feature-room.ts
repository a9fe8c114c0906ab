import { type CipherSuite, concatBytes, MlsError, type Signer, wipe } from "@openmls-ts/traits";
import { checkSigner } from "../credential/index.ts";
import type { Environment, EpochRecord, Feature, FeatureStore, GroupAccess } from "../feature/index.ts";
import { externalKeyPair, externalPublicKey, exportSecret } from "../key-schedule/index.ts";
import { decryptWithLabel, encryptContext, signChecked, verifyWithLabel } from "../labels/index.ts";
import type { EpochState } from "../epoch/index.ts";
import { openRecord } from "../stored-format.ts";
import {
  encodePending,
  type MemberState,
  nameBytes,
  type PastEpoch,
  type PastFeature,
} from "../store/index.ts";
import { storageOf } from "../typed-storage.ts";
import { type OtherMessage, unsupportedWireFormat } from "../wire/index.ts";
import type { GroupHandle, Transaction } from "./handle.ts";
import { checkEpoch, checkGroup } from "./receive/open-message.ts";
import type { ProcessedMessage } from "./receive/processed-message.ts";
import { openStagedCommit, setStagedEpoch, type StagedCommit } from "./receive/staged-commit.ts";
import { checkBase } from "./commit/merge.ts";
import type { Room } from "./send/frame.ts";

/** An epoch whose secrets a feature works with, and how a change of its feature records is kept. */
export interface ChosenEpoch {
  readonly epoch: EpochState;
  readonly keep: (next: EpochState, label: string, value: Uint8Array, wipeOld: () => void) => void;
}

/**
 * The group's epoch, or one that a commit would begin: what changes in that is part of it, and gone with the commit.
 * @throws MlsError `ERR_MLS_NO_PENDING_COMMIT`, `ERR_MLS_STALE_COMMIT`, `ERR_MLS_USAGE` for a commit that takes us out
 */
export function chooseEpoch(
  { records }: Room,
  state: MemberState,
  { batch, commit }: Transaction<MemberState>,
  at: "pending" | StagedCommit | undefined,
): ChosenEpoch {
  if (at === undefined) {
    return {
      epoch: state.epoch,
      keep: (epoch, label, value, wipeOld) => {
        batch.put(records.record("feature_epoch", nameBytes(label), value));
        commit({ epoch }, wipeOld);
      },
    };
  }
  if (at === "pending") {
    const { pending } = state;
    if (pending === undefined) {
      throw new MlsError("ERR_MLS_NO_PENDING_COMMIT", "there is no pending commit");
    }
    return {
      epoch: pending.staged.next,
      keep: (next, _label, _value, wipeOld) => {
        const changed = { ...pending, staged: { ...pending.staged, next } };
        const encoded = encodePending(changed, state.epoch);
        batch.put(records.record("pending_commit", new Uint8Array(), encoded));
        wipe(encoded);
        commit({ pending: changed }, wipeOld);
      },
    };
  }
  const { staged } = openStagedCommit<EpochState>(at);
  checkBase(state, staged);
  if (staged.next === undefined) {
    throw new MlsError("ERR_MLS_USAGE", "the commit takes this client out of the group");
  }
  return {
    epoch: staged.next,
    keep: (next, _label, _value, wipeOld) => {
      commit({}, () => {
        setStagedEpoch(at, next);
        wipeOld();
      });
    },
  };
}

/** What a feature gets of a group during one operation: its changes join the batch. */
export function groupAccess(
  room: Room,
  state: MemberState,
  transaction: Transaction<MemberState>,
  feature: Pick<Feature, "name">,
  at?: "pending" | StagedCommit,
): GroupAccess {
  const { env, records } = room;
  const { batch } = transaction;
  const id = (part: Uint8Array): Uint8Array => featureRecordId(feature, part);
  const store: FeatureStore = {
    get: async (part) => {
      const value = await storageOf(env.provider).get(records.key("feature", id(part)));
      return value === undefined ? undefined : openRecord(value, "feature");
    },
    put: (part, value) => batch.put(records.record("feature", id(part), new Uint8Array(value))),
    delete: (part) => batch.delete(records.key("feature", id(part))),
  };
  return accessTo(env, chooseEpoch(room, state, transaction, at), state.ownLeaf, feature, store);
}

/** The id of a feature's record among a group's. */
export function featureRecordId({ name }: Pick<Feature, "name">, part: Uint8Array): Uint8Array {
  return concatBytes(nameBytes(name), Uint8Array.of(0), part);
}

/** What a feature gets of an epoch. */
export function accessTo(
  { features, suite }: Pick<Environment, "features" | "suite">,
  { epoch, keep }: ChosenEpoch,
  ownLeaf: number,
  feature: Pick<Feature, "name">,
  store: FeatureStore,
): GroupAccess {
  const written = new Map<string, Uint8Array>();
  const epochRecord = (label: string): EpochRecord => {
    const own = features.epochSecrets.find((entry) => entry.label === label)?.feature === feature.name;
    if (!own) {
      throw new MlsError("ERR_MLS_USAGE", `${label} is no epoch secret of ${feature.name}`);
    }
    return {
      get: () => {
        const value = written.get(label) ?? epoch.featureRecords.get(label);
        return value === undefined ? undefined : new Uint8Array(value);
      },
      set: (value) => {
        const copy = new Uint8Array(value);
        written.set(label, copy);
        const before = epoch.featureRecords.get(label);
        const featureRecords = new Map([...epoch.featureRecords, ...written]);
        keep({ ...epoch, featureRecords }, label, copy, () => before?.fill(0));
      },
    };
  };
  return {
    suite,
    groupContext: epoch.groupContext,
    ownLeafIndex: ownLeaf,
    exportSecret: (label, context, length) =>
      exportSecret(suite, epoch.secrets.exporterSecret, label, context, length),
    sign: async (signer: Signer, label, content) => {
      checkSigner(signer, epoch.tree.leaf(ownLeaf)?.signatureKey ?? new Uint8Array());
      return signChecked(suite, signer, label, content);
    },
    ...withLeaves(suite, (leafIndex) => epoch.tree.leaf(leafIndex)),
    ...withLeafKey(suite, () => {
      const key = epoch.privateTree.key(2 * ownLeaf);
      if (key === undefined) {
        throw new MlsError("ERR_MLS_INTERNAL", "our leaf has no key");
      }
      return key.expose();
    }),
    externalPublicKey: async () => externalPublicKey(suite, epoch.secrets.externalSecret),
    openWithExternalKey: async (label, context, sealed) => {
      const { privateKey } = await externalKeyPair(suite, epoch.secrets.externalSecret);
      try {
        return await decryptWithLabel(suite, privateKey, label, context, sealed);
      } finally {
        wipe(privateKey);
      }
    },
    epochRecord,
    store,
  };
}

type Leaves = Pick<GroupAccess, "leaf" | "verify" | "seal">;

function withLeaves(suite: CipherSuite, leaf: GroupAccess["leaf"]): Leaves {
  return {
    leaf,
    verify: async (leafIndex, label, content, signature) => {
      const signer = leaf(leafIndex);
      return signer !== undefined && verifyWithLabel(suite, signer.signatureKey, label, content, signature);
    },
    seal: async (publicKey, label, context, plaintext) =>
      encryptContext(suite, label, context)(publicKey, plaintext),
  };
}

function withLeafKey(
  suite: CipherSuite,
  key: () => Uint8Array,
): Pick<GroupAccess, "openWithLeafKey" | "hpkeOpenWithLeafKey"> {
  return {
    openWithLeafKey: async (label, context, sealed) => decryptWithLabel(suite, key(), label, context, sealed),
    hpkeOpenWithLeafKey: async (info, aad, { kemOutput, ciphertext }, psk) =>
      suite.hpkeOpen(key(), kemOutput, info, aad, ciphertext, psk),
  };
}

/** What a feature gets of an epoch that has ended. */
function pastAccess(
  { env: { suite } }: Room,
  { ownLeaf }: MemberState,
  past: PastEpoch,
  { kept, leafKey }: PastFeature,
): GroupAccess {
  const gone = (): never => {
    throw new MlsError("ERR_MLS_USAGE", "nothing of that is kept of an epoch that has ended");
  };
  return {
    suite,
    groupContext: past.groupContext,
    ownLeafIndex: ownLeaf,
    ...withLeaves(suite, (leafIndex) => past.leaf(leafIndex)),
    ...withLeafKey(suite, () => leafKey.expose()),
    kept: kept.clone().expose(),
    exportSecret: gone,
    sign: async () => gone(),
    externalPublicKey: async () => gone(),
    openWithExternalKey: async () => gone(),
    epochRecord: gone,
    store: { get: async () => gone(), put: gone, delete: gone },
  };
}

/** Hands a message of a feature's wire format to its feature. @throws MlsError `ERR_MLS_UNSUPPORTED_WIRE_FORMAT` */
export async function processFeatureMessage(
  room: Room & Pick<GroupHandle<MemberState>, "callback">,
  state: MemberState,
  transaction: Transaction<MemberState>,
  { wireFormat, body }: OtherMessage,
): Promise<ProcessedMessage> {
  const { features } = room.env;
  const entry = features.wireFormats.get(wireFormat);
  const feature = features.features.find(
    ({ wireFormats }) => wireFormats?.some((one) => one === entry) === true,
  ); // bounded: own features
  if (entry === undefined || feature === undefined) {
    throw unsupportedWireFormat(wireFormat);
  }
  const header = entry.header(body);
  checkGroup(state, header);
  const past = state.past.find(({ groupContext }) => groupContext.epoch === header.epoch);
  const kept = past?.features.get(wireFormat);
  if (kept === undefined) {
    checkEpoch(state, header);
  }
  const access =
    past === undefined || kept === undefined
      ? groupAccess(room, state, transaction, feature)
      : pastAccess(room, state, past, kept);
  const { sender, value } = await room
    .callback(async () => entry.process(body, access))
    .finally(() => wipe(access.kept));
  return { ...header, kind: "feature", feature: feature.name, sender, value };
}
