import {
  type CipherSuite,
  type Clock,
  clockOf,
  functionArgument,
  type GroupRulesInForce,
  type Limits,
  limitsFrom,
  MlsError,
  type MlsProvider,
  rulesFrom,
} from "@openmls-ts/traits";
import type { ReadOptions } from "../codec/index.ts";
import type { Watch } from "../work.ts";
import { FeatureSet } from "./feature-set.ts";

/** What the application composed, checked, before a cipher suite is known. */
export interface Bundle {
  readonly provider: MlsProvider;
  readonly limits: Limits;
  readonly features: FeatureSet;
  readonly rules: GroupRulesInForce;
  readonly clock: Clock;
  /** For decoding whatever comes from outside. */
  readonly reading: ReadOptions;
}

/** What the application composed, bound to one cipher suite. */
export interface Environment extends Bundle {
  readonly suite: CipherSuite;
  /** Who watches the work of one call. */
  readonly watch?: Watch | undefined;
}

/** @throws MlsError `ERR_MLS_USAGE` for an incomplete provider, or options that are none */
export function bundleOf(provider: MlsProvider): Bundle {
  const parts = { crypto: "cipherSuite", storage: "write", credentialValidator: "validate" } as const;
  const given = provider as unknown as
    Partial<Record<keyof typeof parts, Record<string, unknown>>> | null | undefined;
  for (const part of ["crypto", "storage", "credentialValidator"] as const) {
    if (typeof given?.[part]?.[parts[part]] !== "function") {
      throw new MlsError("ERR_MLS_USAGE", `the provider has no ${part}`, { details: { argument: part } });
    }
  }
  for (const listener of ["trace", "onKeyPackageUsed"] as const) {
    if (provider[listener] !== undefined) functionArgument(listener, provider[listener]);
  }
  const limits = limitsFrom(provider.limits);
  const features = new FeatureSet(provider.features ?? []);
  return {
    provider,
    limits,
    features,
    rules: rulesFrom(provider.rules),
    clock: clockOf(provider),
    reading: { maxElements: limits.maxElements, types: features.types },
  };
}

/** @throws MlsError `ERR_MLS_UNSUPPORTED_CIPHER_SUITE`, `ERR_MLS_USAGE` */
export async function environmentFor(provider: MlsProvider, cipherSuite: number): Promise<Environment> {
  const bundle = bundleOf(provider);
  return { ...bundle, suite: await provider.crypto.cipherSuite(cipherSuite) };
}
