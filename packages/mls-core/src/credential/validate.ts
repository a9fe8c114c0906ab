import {
  bytesToHex,
  type CredentialPurpose,
  type CredentialSubject,
  deepCopy,
  equalBytes,
  identityOf,
  MlsError,
  refusalOf,
  ruleOf,
} from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import { inBatches } from "../batches.ts";
import { type CredentialWithKey, encodeCredential } from "../wire/index.ts";

/** What surrounds a credential when it is judged. */
export interface CredentialOccasion {
  readonly groupId: Uint8Array;
  readonly purpose: CredentialPurpose;
  readonly lifetime?: CredentialSubject["lifetime"];
  /** Whose it is, where it is a member's. */
  readonly leafIndex?: number | undefined;
}

/** A credential to be judged. */
export interface PresentedCredential {
  readonly presented: CredentialWithKey;
  readonly occasion: CredentialOccasion;
}

function subjectOf(env: Environment, { presented, occasion }: PresentedCredential): CredentialSubject {
  const { credential, signatureKey } = presented;
  return deepCopy({
    credentialType: credential.credentialType,
    identity: identityOf(credential),
    certificates: "certificates" in credential ? credential.certificates : undefined,
    encoded: encodeCredential(credential),
    signaturePublicKey: signatureKey,
    cipherSuite: env.suite.id,
    groupId: occasion.groupId,
    purpose: occasion.purpose,
    lifetime: occasion.lifetime,
    now: env.clock.now(),
  });
}

/** Whose credential was refused, for what, and why. */
function rejected(rule: string, who: PresentedCredential, refusal: string, cause?: unknown): MlsError {
  const { presented, occasion } = who;
  const identity = identityOf(presented.credential);
  const { purpose, leafIndex } = occasion;
  const name = identity === undefined ? "" : ` of identity 0x${bytesToHex(identity.subarray(0, 32))}`;
  const place = leafIndex === undefined ? "" : ` at leaf ${leafIndex}`;
  const why = refusal === "" ? "" : `: ${refusal}`;
  const details = { purpose, leafIndex, identity, reason: refusal === "" ? undefined : refusal };
  return new MlsError(
    "ERR_MLS_CREDENTIAL_REJECTED",
    `the credential${name}${place} was refused (${purpose})${why}`,
    {
      rule,
      cause,
      details: Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
    },
  );
}

/** What was said of a credential. */
interface Answer {
  /** `undefined` for yes. */
  readonly refusal: string | undefined;
  readonly rule?: string | undefined;
  readonly cause?: unknown;
}

function answerOf(verdict: unknown): Answer {
  return { refusal: refusalOf(verdict), rule: ruleOf(verdict) };
}

/** What the application, or the feature of its type, says of a credential; a failure is a refusal. */
async function ask(env: Environment, items: readonly PresentedCredential[]): Promise<Answer[]> {
  const { credentialValidator } = env.provider;
  const settle = async (verdict: () => Promise<unknown>): Promise<Answer> => {
    try {
      return answerOf(await verdict());
    } catch (cause) {
      return { refusal: "the validator failed", cause };
    }
  };
  const open: number[] = [];
  const answers = await inBatches(
    items,
    async (item, at) => {
      const { credential } = item.presented;
      const entry = env.features.credentials.get(credential.credentialType);
      if (entry !== undefined && "content" in credential) {
        const { content } = credential;
        const checked = await settle(async () => {
          entry.check?.(content);
          return entry.validate === undefined || entry.validate(content, subjectOf(env, item));
        });
        if (checked.refusal !== undefined || entry.validate !== undefined) {
          return checked;
        }
      }
      if (credentialValidator.validateAll !== undefined && items.length > 1) {
        open.push(at);
        return { refusal: undefined };
      }
      return settle(async () => credentialValidator.validate(subjectOf(env, item)));
    },
    env.watch,
    "credentials",
  );
  if (open.length > 0 && credentialValidator.validateAll !== undefined) {
    const subjects = open.map((at) => subjectOf(env, items[at]!));
    let verdicts: readonly unknown[] = [];
    const all = await settle(async () => {
      verdicts = await credentialValidator.validateAll!(subjects);
      return Array.isArray(verdicts) && verdicts.length === subjects.length;
    });
    open.forEach((at, place) => {
      answers[at] = all.refusal === undefined ? answerOf(verdicts[place]) : all;
    });
  }
  return answers;
}

/** Puts credentials to the application's validator (RFC 9420 §5.3.1); many of them at once. */
export async function judgeCredentials(
  env: Environment,
  items: readonly PresentedCredential[],
): Promise<(MlsError | undefined)[]> {
  const answers = await ask(env, items);
  return answers.map(({ refusal, rule, cause }, at) => {
    const item = items[at]!;
    const general = item.occasion.purpose === "external-sender" ? "rfc17" : "valn0101";
    return refusal === undefined ? undefined : rejected(rule ?? general, item, refusal, cause);
  });
}

/**
 * Puts credentials to the application's validator (RFC 9420 §5.3.1).
 * @throws MlsError `ERR_MLS_CREDENTIAL_REJECTED` for the first one that is refused
 */
export async function validateCredentials(
  env: Environment,
  items: readonly PresentedCredential[],
): Promise<void> {
  const error = (await judgeCredentials(env, items)).find((found) => found !== undefined);
  if (error !== undefined) {
    throw error;
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
  const { credentialValidator } = env.provider;
  const who = { presented: next, occasion };
  let verdict: unknown;
  if (credentialValidator.isSuccessor === undefined) {
    verdict = equalBytes(encodeCredential(current.credential), encodeCredential(next.credential));
  } else {
    try {
      const [old, fresh] = [subjectOf(env, { presented: current, occasion }), subjectOf(env, who)];
      verdict = await credentialValidator.isSuccessor(old, fresh);
    } catch (cause) {
      throw rejected(rule, who, "the successor test failed", cause);
    }
  }
  const refusal = refusalOf(verdict);
  if (refusal !== undefined) {
    throw rejected(
      ruleOf(verdict) ?? rule,
      who,
      refusal === "" ? "it is no successor of the old one" : refusal,
    );
  }
}
