import { type CipherSuite, MlsError } from "@openmls-ts/traits";
import {
  bareSize,
  closedEnum,
  type Codec,
  dependent,
  select,
  struct,
  uint64,
  uint8,
} from "../codec/index.ts";
import { PskType, ResumptionPskUsage } from "../registry.ts";
import { openTypesOf } from "./open-types.ts";
import { digestBytes, idBytes } from "./sizes.ts";

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

/** A PSK of a type that a feature brings. */
export interface OtherPskId {
  /** Neither external nor resumption. */
  readonly pskType: number;
  /** What stands between type and nonce. */
  readonly body: Uint8Array;
}

/** Names a PSK, whoever uses it and when. Tell them apart by `in`. */
export type PskName = ExternalPskId | ResumptionPskId | OtherPskId;

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
const nonce = struct<{ readonly pskNonce: Uint8Array }>({ pskNonce: digestBytes });

const known: Codec<ExternalPskId | ResumptionPskId> = select<ExternalPskId | ResumptionPskId, "pskType">(
  "pskType",
  uint8 as Codec<PskType>,
  {
    [PskType.external]: struct<Omit<ExternalPskId, "pskType">>({ pskId: idBytes }),
    [PskType.resumption]: struct<Omit<ResumptionPskId, "pskType">>({
      usage: closedEnum("ResumptionPSKUsage", uint8, ResumptionPskUsage),
      pskGroupId: idBytes,
      pskEpoch: uint64,
    }),
  },
);

// Only a feature knows where the body of another type ends; to write it again nobody needs to be asked.
const name: Codec<PskName> = {
  size: (value) => ("body" in value ? uint8.size(value.pskType) + bareSize(value.body) : known.size(value)),
  write: (writer, value) => {
    if ("body" in value) {
      writer.uint8(value.pskType);
      writer.bytes(value.body);
    } else {
      known.write(writer, value);
    }
  },
  read: (reader) => {
    const pskType = reader.peek();
    if (pskType === PskType.external || pskType === PskType.resumption) {
      return known.read(reader);
    }
    const codec = openTypesOf(reader).psks.get(reader.uint8());
    if (codec === undefined) {
      throw new MlsError("ERR_MLS_DECODE", `no feature brings PSK type ${pskType}`, {
        rule: "rfc05",
        details: { pskType },
      });
    }
    return { pskType, body: reader.raw(codec) };
  },
};

/** RFC 9420 §8.4. Types that features bring are read with their codecs, see {@link OpenTypes}. */
export const preSharedKeyId: Codec<PreSharedKeyId> = dependent<PskName, { readonly pskNonce: Uint8Array }>(
  name,
  () => nonce,
);

/** One more use of a PSK: its name with a fresh nonce (RFC 9420 §8.4). */
export function usePsk(suite: CipherSuite, name: PskName): PreSharedKeyId {
  return { ...name, pskNonce: suite.randomBytes(suite.params.kdf.hashLength) };
}
