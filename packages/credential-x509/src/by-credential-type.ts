import {
  badArgument,
  type CredentialSubject,
  type CredentialValidator,
  equalBytes,
  functionArgument,
  type Verdict,
} from "@openmls-ts/traits";

const UNKNOWN: Verdict = { allowed: false, reason: "nobody here judges credentials of this type" };
const FAILED: Verdict = { allowed: false, reason: "the validator failed" };

/** Asks one validator for some subjects, in the way it likes best; what fails refuses only whom it concerns. */
async function askFor(
  validator: CredentialValidator,
  subjects: readonly CredentialSubject[],
): Promise<readonly Verdict[]> {
  if (validator.validateAll !== undefined && subjects.length > 1) {
    const verdicts: unknown = await validator.validateAll(subjects).catch(() => undefined);
    return Array.isArray(verdicts) && verdicts.length === subjects.length
      ? (verdicts as Verdict[])
      : subjects.map(() => FAILED);
  }
  return Promise.all(subjects.map(async (subject) => validator.validate(subject).catch(() => FAILED)));
}

/**
 * One validator out of several, each for the credentials of one type: `{ 1: forBasic, 2: x509Validator(…) }`. A credential
 * without a judge is refused. A member keeps the type of its credential, unless `change` allows another.
 * @param change whether a credential may follow one of another type. Default: never
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function byCredentialType(
  validators: Readonly<Record<number, CredentialValidator>>,
  change: (current: CredentialSubject, next: CredentialSubject) => Promise<Verdict> = async () =>
    Promise.resolve({ allowed: false, reason: "the type of the credential changed" }),
): Required<CredentialValidator> {
  if (typeof validators !== "object" || (validators as object | null) === null) {
    throw badArgument("validators", validators, "object with a validator for each credential type");
  }
  const judges = new Map(Object.entries(validators).map(([type, judge]) => [Number(type), judge]));
  for (const [type, judge] of judges) {
    functionArgument(
      `validators[${type}].validate`,
      (judge as { readonly validate?: unknown } | undefined)?.validate,
    );
  }
  functionArgument("change", change);
  const validateAll = async (subjects: readonly CredentialSubject[]): Promise<readonly Verdict[]> => {
    const verdicts: Verdict[] = subjects.map(() => UNKNOWN);
    for (const [type, judge] of judges) {
      const places = [...subjects.keys()].filter((at) => subjects[at]!.credentialType === type);
      const answers = await askFor(
        judge,
        places.map((at) => subjects[at]!),
      );
      places.forEach((place, at) => {
        verdicts[place] = answers[at]!;
      });
    }
    return verdicts;
  };
  return {
    validate: async (subject) => (await judges.get(subject.credentialType)?.validate(subject)) ?? UNKNOWN,
    validateAll,
    isSuccessor: async (current, next) => {
      if (current.credentialType !== next.credentialType) {
        return change(current, next);
      }
      const judge = judges.get(next.credentialType);
      return judge?.isSuccessor === undefined
        ? judge !== undefined && equalBytes(current.encoded, next.encoded) // RFC 9420 §5.3.1
        : judge.isSuccessor(current, next);
    },
  };
}
