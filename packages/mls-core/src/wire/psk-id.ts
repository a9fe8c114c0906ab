import type { CipherSuite } from "@openmls-ts/traits";
import { closedEnum, type Codec, dependent, opaque, select, struct, uint64, uint8 } from "../codec/index.ts";
import { PskType, ResumptionPskUsage } from "../registry.ts";

/** A PSK that the application supplies. */
export interface ExternalPskId {
  readonly pskType: typeof PskType.external;
  readonly pskId: Uint8Array;
}

/** A PSK that an epoch of a group supplies. */
export interface ResumptionPskId {
  readonly pskType: typeof PskType.resumption;
  readonly usage: ResumptionPskUsage;
  readonly pskGroupId: Uint8Array;
  readonly pskEpoch: bigint;
}

/** Names a PSK, whoever uses it and when. */
export type PskName = ExternalPskId | ResumptionPskId;

/** Names a PSK and one use of it (RFC 9420 §8.4). */
export type PreSharedKeyId = PskName & {
  /** Fresh and random for each use, Nh bytes. */
  readonly pskNonce: Uint8Array;
};

//   struct {
//     PSKType psktype;
//     select (PreSharedKeyID.psktype) {
//       case external:
//         opaque psk_id<V>;
//       case resumption:
//         ResumptionPSKUsage usage;
//         opaque psk_group_id<V>;
//         uint64 psk_epoch;
//     };
//     opaque psk_nonce<V>;
//   } PreSharedKeyID;
export const preSharedKeyId: Codec<PreSharedKeyId> = dependent<
  ExternalPskId | ResumptionPskId,
  { readonly pskNonce: Uint8Array }
>(
  select<ExternalPskId | ResumptionPskId, "pskType">("pskType", closedEnum("PSKType", uint8, PskType), {
    [PskType.external]: struct<Omit<ExternalPskId, "pskType">>({ pskId: opaque }),
    [PskType.resumption]: struct<Omit<ResumptionPskId, "pskType">>({
      usage: closedEnum("ResumptionPSKUsage", uint8, ResumptionPskUsage),
      pskGroupId: opaque,
      pskEpoch: uint64,
    }),
  }),
  () => struct<{ readonly pskNonce: Uint8Array }>({ pskNonce: opaque }),
);

/** One more use of a PSK: its name with a fresh nonce (RFC 9420 §8.4). */
export function usePsk(suite: CipherSuite, name: PskName): PreSharedKeyId {
  return { ...name, pskNonce: suite.randomBytes(suite.params.kdf.hashLength) };
}
