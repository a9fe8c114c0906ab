import {
  type Credential,
  type CredentialEntry,
  customCredential,
  type Feature,
  type LeafNode,
} from "@openmls-ts/mls-core";
import {
  badArgument,
  type CredentialSubject,
  type CredentialValidator,
  type CryptoProvider,
  identityOf,
  isMlsError,
  listArgument,
  numberArgument,
  optionsArgument,
  refusalOf,
  type Verdict,
  violation,
} from "@openmls-ts/traits";
import { type CodePointChoice, codePoints } from "./code-points.ts";
import {
  bindCredential,
  type CredentialBinding,
  decodeBindings,
  encodeBindings,
  encodeNested,
  verifyBinding,
} from "./credential-binding.ts";

export { bindCredential, type CredentialBinding };

export interface MultiCredentialOptions {
  /** For the suites of bindings. */
  readonly crypto: CryptoProvider;
  /** The application's judgement of each credential inside, with the key it is for. */
  readonly validator: Pick<CredentialValidator, "validate">;
  /** Credential types that the validator judges. Default: 1 and 2, basic and x509. */
  readonly credentialTypes?: readonly number[];
  readonly codePoints?: CodePointChoice;
}

/** The feature with makers and a reader. */
export interface MultiCredentialFeature extends Feature {
  /** A credential all of whose bindings every member must support. @throws MlsError `ERR_MLS_DECODE` for none */
  readonly multi: (bindings: readonly CredentialBinding[]) => Credential;
  /** A credential of which every member must support a binding. @throws MlsError `ERR_MLS_DECODE` for none */
  readonly weakMulti: (bindings: readonly CredentialBinding[]) => Credential;
  /** The bindings of a credential; `undefined` for one of another type. @throws MlsError `ERR_MLS_DECODE` */
  readonly read: (credential: Credential) => readonly CredentialBinding[] | undefined;
}

/**
 * Multi-credentials (draft-ietf-mls-extensions): several credentials of one client, each of whose holders signed that the
 * key in the leaf is its own.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function multiCredentials(options: MultiCredentialOptions): MultiCredentialFeature {
  const given = optionsArgument<MultiCredentialOptions>("options", options, [
    "crypto",
    "validator",
    "credentialTypes",
    "codePoints",
  ]);
  const { crypto, validator, credentialTypes = [1, 2] } = given;
  if (typeof (crypto as Partial<CryptoProvider> | undefined)?.cipherSuite !== "function") {
    throw badArgument("crypto", crypto, "a crypto provider");
  }
  if (typeof (validator as Partial<CredentialValidator> | undefined)?.validate !== "function") {
    throw badArgument("validator", validator, "a credential validator");
  }
  const known = new Set(
    listArgument("credentialTypes", credentialTypes).map((type, at) =>
      numberArgument(`credentialTypes[${at}]`, type, 0, 0xffff),
    ),
  );
  const { multiCredential: multi, weakMultiCredential: weak } = codePoints(given.codePoints);
  const read = (credential: Credential): readonly CredentialBinding[] | undefined =>
    [multi, weak].includes(credential.credentialType) && "content" in credential
      ? decodeBindings(credential.content)
      : undefined;

  const judge = async (binding: CredentialBinding, subject: CredentialSubject): Promise<Verdict> => {
    const { cipherSuite, credential, credentialKey } = binding;
    const suite = await crypto.cipherSuite(cipherSuite);
    let genuine = false;
    try {
      genuine = await verifyBinding(suite, binding, subject.signaturePublicKey);
    } catch (error) {
      if (!isMlsError(error)) throw error;
    }
    if (!genuine) {
      return { allowed: false, reason: "a binding is not signed by its credential's key for this leaf's" };
    }
    return validator.validate({
      ...subject,
      credentialType: credential.credentialType,
      identity: identityOf(credential),
      certificates: "certificates" in credential ? credential.certificates : undefined,
      encoded: encodeNested(credential),
      signaturePublicKey: credentialKey,
      cipherSuite,
    });
  };
  const entry = (type: number): CredentialEntry => ({
    type,
    check: (content) => void decodeBindings(content),
    validate: async (content, subject) => {
      const suites = new Set(await crypto.supportedCipherSuites());
      for (const binding of decodeBindings(content)) {
        const supported = suites.has(binding.cipherSuite) && known.has(binding.credential.credentialType);
        if (!supported && type === multi) {
          return { allowed: false, reason: "a binding of a cipher suite or credential type unknown here" };
        }
        if (supported) {
          const refusal = refusalOf(await judge(binding, subject));
          if (refusal !== undefined) return { allowed: false, reason: refusal };
        }
      }
      return true;
    },
  });
  return {
    name: "multi-credentials",
    credentials: [entry(multi), entry(weak)],
    plan: [
      {
        order: Infinity,
        run: (plan) => {
          checkSupport(plan.leaves(), read, multi);
        },
        pathLeaf: (leaf) => {
          const others = Array.from(leaf.leaves()).filter(([at]) => at !== leaf.leafIndex);
          checkSupport([...others, [leaf.leafIndex, leaf.leafNode]], read, multi);
        },
      },
    ],
    multi: (bindings) => make(multi, bindings),
    weakMulti: (bindings) => make(weak, bindings),
    read,
  };
}

function make(type: number, bindings: readonly CredentialBinding[]): Credential {
  const content = encodeBindings(listArgument("bindings", bindings));
  decodeBindings(content);
  return customCredential(type, content);
}

/** That members support one another's bindings: all of a multi, one of a weak multi. @throws MlsError rules xt01, xt02 */
function checkSupport(
  leaves: Iterable<readonly [leafIndex: number, LeafNode]>,
  read: (credential: Credential) => readonly CredentialBinding[] | undefined,
  multi: number,
): void {
  const bearers: [leafIndex: number, LeafNode, readonly CredentialBinding[]][] = [];
  const kinds = new Map<string, LeafNode["capabilities"]>();
  for (const [leafIndex, leaf] of leaves) {
    const { cipherSuites, credentials } = leaf.capabilities;
    kinds.set(`${cipherSuites.join()} ${credentials.join()}`, leaf.capabilities);
    const bindings = read(leaf.credential);
    if (bindings !== undefined) bearers.push([leafIndex, leaf, bindings]);
  }
  // Members of one application mostly list the same, so each list is looked at once.
  for (const { cipherSuites, credentials } of bearers.length === 0 ? [] : kinds.values()) {
    const [suites, types] = [new Set(cipherSuites), new Set(credentials)];
    const supports = ({ cipherSuite, credential }: CredentialBinding): boolean =>
      suites.has(cipherSuite) && types.has(credential.credentialType);
    for (const [leafIndex, leaf, bindings] of bearers) {
      const strict = leaf.credential.credentialType === multi;
      if (strict ? !bindings.every(supports) : !bindings.some(supports)) {
        throw violation(
          strict ? "xt01" : "xt02",
          `a member does not support the credential at leaf ${leafIndex}`,
          {
            details: { leafIndex },
          },
        );
      }
    }
  }
}
