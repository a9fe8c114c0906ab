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
  type GroupContext,
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
    this.extensions = unique("extension type", shared(all(({ extensions }) => extensions)), ({ type }) =>
      isDefaultExtensionType(type) ? undefined : type,
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
      credentials: types([CredentialType.basic, ...this.credentials.keys()], "credentials"),
    };
  }

  /**
   * The extensions of an object of this client: the caller's, and those that features add.
   * @throws MlsError for parts of one extension that contradict one another
   */
  extensionsFor(place: ObjectPlace, facts: ObjectFacts, given: readonly Extension[] = []): Extension[] {
    const own = this.features.flatMap(({ objects }) => objects?.extensionsFor?.(place, facts) ?? []);
    const list: Extension[] = [];
    for (const one of [...given, ...own]) {
      const { extensionType } = one;
      const merge = this.extensions.get(extensionType)?.merge;
      const at = list.findIndex((other) => other.extensionType === extensionType); // bounded: one object's own
      const [before] = at < 0 || merge === undefined ? [] : list.splice(at, 1);
      list.push(
        before === undefined || merge === undefined
          ? one
          : { extensionType, extensionData: merge([before.extensionData, one.extensionData]) },
      );
    }
    return list;
  }

  /** Whether some feature calls a KeyPackage reusable. */
  reusable(keyPackage: KeyPackageStruct): boolean {
    return this.features.some(({ objects }) => objects?.reusable?.(keyPackage) === true);
  }

  /** The structure of opaque bytes of a kind in a group's epoch. */
  coder(of: "authenticatedData" | "applicationData", context: GroupContext): ContentCoder | undefined {
    return this.features.map((feature) => feature[of]).find((coder) => coder?.active(context) === true);
  }
}

/** Entries of one type that several features bring, as one. */
function shared(list: readonly FeatureExtension[]): FeatureExtension[] {
  const result: FeatureExtension[] = [];
  for (const entry of list) {
    const { type, merge } = entry;
    const at = result.findIndex((one) => one.type === type); // bounded: own features
    const other = result[at];
    if (other?.merge === undefined || merge === undefined) {
      result.push(entry);
      continue;
    }
    result[at] = {
      type,
      merge,
      places: [...new Set([...other.places, ...entry.places])],
      check: (data) => [other, entry].forEach(({ check }) => check?.(data)),
      protected: (...facts) => [other, entry].some((one) => one.protected?.(...facts) === true),
    };
  }
  return result;
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
