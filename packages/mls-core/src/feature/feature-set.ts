import { MlsError } from "@openmls-ts/traits";
import type { Codec } from "../codec/index.ts";
import {
  isDefaultExtensionType,
  isGrease,
  ProtocolVersion,
  CredentialType,
  WireFormat,
} from "../registry.ts";
import {
  type Capabilities,
  DEFAULT_PROPOSALS,
  type Extension,
  type KeyPackageStruct,
  type OpenTypes,
  type ProposalEntry,
} from "../wire/index.ts";
import type {
  ContentCoder,
  CredentialEntry,
  EpochSecretEntry,
  Feature,
  FeatureCapabilities,
  FeatureExtension,
  ObjectFacts,
  ObjectPlace,
  PlanStep,
  PskEntry,
  WireFormatEntry,
} from "./feature.ts";

/** An epoch secret with the feature that it belongs to. */
export interface NamedEpochSecret extends EpochSecretEntry {
  readonly feature: string;
  /** As the label. */
  readonly name: string;
}

/** What is known: the types of RFC 9420 and those that an application's features bring, looked up by code point. */
export class FeatureSet {
  readonly features: readonly Feature[];
  readonly proposals: ReadonlyMap<number, ProposalEntry>;
  readonly extensions: ReadonlyMap<number, FeatureExtension>;
  readonly credentials: ReadonlyMap<number, CredentialEntry>;
  readonly psks: ReadonlyMap<number, PskEntry>;
  readonly wireFormats: ReadonlyMap<number, WireFormatEntry>;
  readonly planSteps: readonly PlanStep[];
  readonly epochSecrets: readonly NamedEpochSecret[];
  /** What decoding needs of it. */
  readonly types: OpenTypes;

  /** @throws MlsError `ERR_MLS_USAGE` for a name or a code point that is given twice, or is not to be given */
  constructor(features: readonly Feature[]) {
    if (!Array.isArray(features)) {
      throw new MlsError("ERR_MLS_USAGE", "features is a list");
    }
    this.features = [...(features as readonly Feature[])];
    unique("feature", this.features, ({ name }) => name);
    const all = <T>(pick: (feature: Feature) => readonly T[] | undefined): T[] =>
      this.features.flatMap((feature) => pick(feature) ?? []);
    this.proposals = unique(
      "proposal type",
      [...DEFAULT_PROPOSALS, ...(all(({ proposals }) => proposals) as unknown as ProposalEntry[])],
      ({ type }) => type,
    );
    this.extensions = unique(
      "extension type",
      all(({ extensions }) => extensions),
      ({ type }) => (isDefaultExtensionType(type) ? undefined : type),
    );
    this.credentials = unique(
      "credential type",
      all(({ credentials }) => credentials),
      ({ type }) => (type === CredentialType.basic || type === CredentialType.x509 ? undefined : type),
    );
    this.psks = unique(
      "PSK type",
      all(({ psks }) => psks),
      ({ type }) => (type <= 2 ? undefined : type),
    );
    this.wireFormats = unique(
      "wire format",
      all(({ wireFormats }) => wireFormats),
      ({ wireFormat }) => (wireFormat <= WireFormat.mlsKeyPackage ? undefined : wireFormat),
    );
    this.planSteps = all(({ plan }) => plan);
    this.epochSecrets = this.features.flatMap(({ name, epochSecrets }) =>
      (epochSecrets ?? []).map((entry) => {
        return { name: entry.label, label: entry.label, start: entry.start, feature: name };
      }),
    );
    unique("epoch secret", this.epochSecrets, ({ label }) => label);
    const bodies = (entries: ReadonlyMap<number, { readonly body: unknown }>): Map<number, Codec<unknown>> =>
      new Map([...entries].map(([type, { body }]) => [type, body as Codec<unknown>]));
    this.types = { proposals: bodies(this.proposals), psks: bodies(this.psks) };
  }

  /** The capabilities that follow from the crypto provider's suites and the features (RFC 9420 §7.2). */
  capabilities(cipherSuites: readonly number[]): Capabilities {
    const hooks = this.features.map(({ objects }) => objects?.capabilities ?? {});
    const types = (known: Iterable<number>, kind: keyof FeatureCapabilities): number[] => [
      ...new Set([...known, ...hooks.flatMap((more) => more[kind] ?? [])]),
    ];
    const named = [...this.proposals.keys()].filter((type) => type > DEFAULT_PROPOSALS.length);
    return {
      versions: [ProtocolVersion.mls10],
      cipherSuites,
      extensions: types(this.extensions.keys(), "extensions"),
      proposals: types(named, "proposals"),
      credentials: types(
        [CredentialType.basic, CredentialType.x509, ...this.credentials.keys()],
        "credentials",
      ),
    };
  }

  /** The extensions that features add to an object of this client. */
  extensionsFor(place: ObjectPlace, facts: ObjectFacts): Extension[] {
    return this.features.flatMap(({ objects }) => objects?.extensionsFor?.(place, facts) ?? []);
  }

  /** Whether some feature calls a KeyPackage reusable. */
  reusable(keyPackage: KeyPackageStruct): boolean {
    return this.features.some(({ objects }) => objects?.reusable?.(keyPackage) === true);
  }

  /** The structures of authenticated_data. */
  get authenticatedData(): readonly ContentCoder[] {
    return this.features.flatMap(({ authenticatedData }) => authenticatedData ?? []);
  }
}

function unique<T, K>(what: string, list: readonly T[], key: (entry: T) => K | undefined): Map<K, T> {
  const map = new Map<K, T>();
  for (const entry of list) {
    const name = key(entry);
    if (name === undefined || map.has(name) || (typeof name === "number" && isGrease(name))) {
      throw new MlsError("ERR_MLS_USAGE", `${what} ${String(name)} is given twice, or is the protocol's own`);
    }
    map.set(name, entry);
  }
  return map;
}
