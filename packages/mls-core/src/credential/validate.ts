import {
  type CredentialPurpose,
  type CredentialSubject,
  deepCopy,
  equalBytes,
  MlsError,
} from "@openmls-ts/traits";
import type { Environment } from "../environment.ts";
import { CredentialType } from "../registry.ts";
import { type CredentialWithKey, encodeCredential } from "../wire/index.ts";

/** What surrounds a credential when it is judged. */
export interface CredentialOccasion {
  readonly groupId: Uint8Array;
  readonly purpose: CredentialPurpose;
  readonly lifetime?: CredentialSubject["lifetime"];
}

function subjectOf(
  env: Environment,
  presented: CredentialWithKey,
  occasion: CredentialOccasion,
): CredentialSubject {
  const { credential, signatureKey } = presented;
  const basic = credential.credentialType === CredentialType.basic;
  return deepCopy({
    credentialType: credential.credentialType,
    identity: basic ? credential.identity : undefined,
    certificates: basic ? undefined : credential.certificates,
    encoded: encodeCredential(credential),
    signaturePublicKey: signatureKey,
    cipherSuite: env.suite.id,
    groupId: occasion.groupId,
    purpose: occasion.purpose,
    lifetime: occasion.lifetime,
    now: env.clock.now(),
  });
}

function rejected(rule: string, message: string, cause?: unknown): MlsError {
  return new MlsError("ERR_MLS_CREDENTIAL_REJECTED", message, { rule, cause });
}

/**
 * Puts a credential to the application's validator (RFC 9420 §5.3.1).
 * @throws MlsError `ERR_MLS_CREDENTIAL_REJECTED` unless the validator resolves to the literal `true`
 */
export async function validateCredential(
  env: Environment,
  presented: CredentialWithKey,
  occasion: CredentialOccasion,
): Promise<void> {
  const rule = occasion.purpose === "external-sender" ? "rfc17" : "valn0101";
  let accepted: unknown;
  try {
    accepted = await env.provider.credentialValidator.validate(subjectOf(env, presented, occasion));
  } catch (cause) {
    throw rejected(rule, "the credential validator failed", cause);
  }
  if (accepted !== true) {
    throw rejected(rule, "the credential validator did not accept a credential");
  }
}

/**
 * Whether one credential may take another's place (RFC 9420 §5.3.1): by the application's test, or by identical
 * encoding where it has none.
 * @throws MlsError `ERR_MLS_CREDENTIAL_REJECTED` rule rfc16 (trap20 for an external commit)
 */
export async function validateSuccessor(
  env: Environment,
  current: CredentialWithKey,
  next: CredentialWithKey,
  occasion: CredentialOccasion,
): Promise<void> {
  const rule = occasion.purpose === "external-join" ? "trap20" : "rfc16";
  const validator = env.provider.credentialValidator;
  let accepted: unknown;
  if (validator.isSuccessor === undefined) {
    accepted = equalBytes(encodeCredential(current.credential), encodeCredential(next.credential));
  } else {
    try {
      accepted = await validator.isSuccessor(
        subjectOf(env, current, occasion),
        subjectOf(env, next, occasion),
      );
    } catch (cause) {
      throw rejected(rule, "the successor test failed", cause);
    }
  }
  if (accepted !== true) {
    throw rejected(rule, "the new credential is no successor of the old");
  }
}
