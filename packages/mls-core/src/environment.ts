import {
  type CipherSuite,
  type Clock,
  DEFAULT_LIMITS,
  DEFAULT_POLICY,
  type Limits,
  MlsError,
  type MlsProvider,
  type Policy,
  systemClock,
} from "@openmls-ts/traits";

/** What the application composed, bound to one cipher suite. */
export interface Environment {
  readonly provider: MlsProvider;
  readonly suite: CipherSuite;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly policy: Policy;
}

/** The limits in force for a provider. */
export function limitsOf(provider: MlsProvider): Limits {
  return { ...DEFAULT_LIMITS, ...provider.limits };
}

/** @throws MlsError `ERR_MLS_UNSUPPORTED_CIPHER_SUITE`, `ERR_MLS_USAGE` for an incomplete provider */
export async function environmentFor(provider: MlsProvider, cipherSuite: number): Promise<Environment> {
  const bundle: Partial<MlsProvider> = provider;
  if (
    bundle.crypto === undefined ||
    bundle.storage === undefined ||
    bundle.credentialValidator === undefined
  ) {
    throw new MlsError("ERR_MLS_USAGE", "a provider has crypto, storage and credentialValidator");
  }
  const suite = await provider.crypto.cipherSuite(cipherSuite);
  return {
    provider,
    suite,
    limits: limitsOf(provider),
    clock: provider.clock ?? systemClock,
    policy: { ...DEFAULT_POLICY, ...provider.policy },
  };
}
