import {
  bigintArgument,
  type CredentialSubject,
  type CredentialValidator,
  type Verdict,
} from "@openmls-ts/traits";
import { type Certificate, readCertificate } from "./certificate.ts";
import { identityIn, x509IdentityOf } from "./identity.ts";
import { rulesFrom, type X509Options, type X509Rules } from "./options.ts";
import { type KnownLinks, pathProblem } from "./path.ts";
import { isForKey } from "./signature-key.ts";

/** A no, with the rule that was violated where there is one. */
function refused(reason: string, rule?: string): Verdict {
  return rule === undefined ? { allowed: false, reason } : { allowed: false, reason, rule };
}

/** The certificates of a chain, or what is wrong; bounded before anything is read. */
function readChain(subject: CredentialSubject, rules: X509Rules): readonly Certificate[] | Verdict {
  const { certificates = [], credentialType } = subject;
  if (credentialType !== 2) {
    return refused("it is no X.509 credential"); // RFC 9420 §17.5
  }
  if (certificates.length === 0) {
    return refused("it has no certificate", "rfc15"); // RFC 9420 §5.3
  }
  if (certificates.length > rules.maxChainLength) {
    return refused(`it has more than ${rules.maxChainLength} certificates`, "trap46");
  }
  const chain: Certificate[] = [];
  for (const [at, der] of certificates.entries()) {
    if (der.length > rules.maxCertificateLength) {
      return refused(`certificate ${at} is longer than ${rules.maxCertificateLength} bytes`, "trap46");
    }
    try {
      chain.push(readCertificate(der));
    } catch {
      return refused(`certificate ${at} cannot be read`, "trap46");
    }
  }
  return chain;
}

async function judge(subject: CredentialSubject, rules: X509Rules, known: KnownLinks): Promise<Verdict> {
  const chain = readChain(subject, rules);
  if (!Array.isArray(chain)) {
    return chain as Verdict;
  }
  const certificates = chain as readonly Certificate[];
  const leaf = certificates[0]!;
  if (!isForKey(leaf, subject.signaturePublicKey, subject.cipherSuite, rules.cipherSuites)) {
    return refused("the first certificate is for another key than the leaf's", "rfc15"); // RFC 9420 §5.3
  }
  const now = bigintArgument("options.at()", rules.at(subject));
  const problem = await pathProblem(certificates, rules, now, known);
  if (problem !== undefined) {
    return refused(problem, "trap46"); // RFC 9420 §5.3.1
  }
  const identity = identityIn(leaf, rules.identity);
  return identity === undefined
    ? refused(`the first certificate has not one ${rules.identity} that could be its identity`)
    : rules.accept(identity, subject);
}

/**
 * A judge of X.509 credentials (RFC 9420 §5.3, RFC 5280 §6): the end entity's certificate is for the leaf's signature key, and a
 * chain of certificates leads from it to one that is trusted: in order, signed, of its time, within its constraints. A
 * credential of another type is refused; {@link byCredentialType} puts judges for several types together.
 *
 * Its verdicts carry a reason and a rule: rfc15 where certificate and leaf do not belong together, trap46 for a chain that does
 * not hold.
 * @throws MlsError `ERR_MLS_USAGE` for options that are wrong or missing
 */
export function x509Validator(options: X509Options): Required<CredentialValidator> {
  const rules = rulesFrom(options);
  return {
    validate: async (subject) => judge(subject, rules, new Map()),
    validateAll: async (subjects) => {
      const known: KnownLinks = new Map();
      const verdicts: Verdict[] = [];
      for (const subject of subjects) {
        verdicts.push(
          await judge(subject, rules, known).catch((): Verdict => refused("the validator failed")),
        );
      }
      return verdicts;
    },
    isSuccessor: async (current, next) => {
      const [before, after] = [current, next].map((one) => x509IdentityOf(one, rules.identity));
      // RFC 9420 §5.3.1; that the new one is genuine is asked of `validate`
      return (after !== undefined && before === after) || refused("the certificate is another identity's");
    },
  };
}
