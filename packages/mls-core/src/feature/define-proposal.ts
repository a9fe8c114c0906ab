import { type Codec, decode, encode, opaque } from "../codec/index.ts";
import {
  type AnyProposal,
  type Claim,
  type CustomProposal,
  MEMBERS_ONLY,
  type Plan,
  type ProposalEntry,
  ProposalOrder,
  type ProposalPlaces,
  type Queued,
} from "../wire/index.ts";
import type { Feature } from "./feature.ts";

/** What a proposal type of a feature is; everything but type, name and codec has a default. */
export interface ProposalDefinition<B> {
  /** Code point (RFC 9420 §17.4); 0xF000 to 0xFFFF are for private use. */
  readonly type: number;
  readonly name: string;
  readonly codec: Codec<B>;
  /** Whether a commit with it must have a path. Default: no. */
  readonly path?: boolean;
  /** Default: in members' commits by value and by reference. */
  readonly places?: Partial<ProposalPlaces>;
  /** Default: after all of the RFC's own. */
  readonly order?: number;
  readonly publicOnly?: boolean;
  readonly once?: string;
  readonly claims?: (body: B, queued: Queued<CustomProposal>, plan: Plan) => Claim | undefined;
  /** Judges and applies it; default: it changes nothing. */
  readonly apply?: (body: B, queued: Queued<CustomProposal>, plan: Plan) => void | Promise<void>;
}

/** A proposal type of a feature, with a maker and a reader. */
export interface DefinedProposal<B> extends ProposalEntry<CustomProposal> {
  /** A proposal, for `propose` and `commit`. @throws MlsError `ERR_MLS_ENCODE` */
  readonly make: (body: B) => CustomProposal;
  /** What a proposal of this type says; `undefined` for one of another type. */
  readonly read: (proposal: AnyProposal) => B | undefined;
}

/** Makes an entry of {@link Feature.proposals}. */
export function defineProposal<B>(definition: ProposalDefinition<B>): DefinedProposal<B> {
  const { type, name, codec, places, claims, apply } = definition;
  const read = ({ body }: CustomProposal): B => decode(codec, body);
  return {
    type,
    name,
    body: raw(codec),
    path: definition.path ?? false,
    places: { ...MEMBERS_ONLY, ...places },
    order: definition.order ?? ProposalOrder.reinit + 10,
    ...(definition.publicOnly === true ? { publicOnly: true } : {}),
    ...(definition.once === undefined ? {} : { once: definition.once }),
    ...(claims === undefined
      ? {}
      : { claims: (queued, plan) => claims(read(queued.proposal), queued, plan) }),
    apply: async (queued, plan) => {
      const body = read(queued.proposal);
      await apply?.(body, queued, plan);
    },
    make: (body) => ({ proposalType: type, body: encode(codec, body) }),
    read: (proposal) => (proposal.proposalType === type ? read(proposal as CustomProposal) : undefined),
  };
}

/** A body as it stands on the wire: delimited by the feature's codec, kept as bytes. */
function raw<B>(codec: Codec<B>): Codec<Omit<CustomProposal, "proposalType">> {
  return {
    size: ({ body }) => body.length,
    write: (writer, { body }) => writer.bytes(body),
    read: (reader) => ({ body: reader.raw(codec) }),
  };
}

/** A feature of one proposal type whose body is an `opaque<V>` that only the application reads. */
export function customProposal(
  type: number,
  options: Partial<Omit<ProposalDefinition<Uint8Array>, "type" | "codec">> = {},
): Feature & Pick<DefinedProposal<Uint8Array>, "make" | "read"> {
  const name = options.name ?? `custom proposal ${type}`;
  const entry = defineProposal<Uint8Array>({ ...options, name, type, codec: opaque });
  return { name, proposals: [entry], make: entry.make, read: entry.read };
}
