import {
  badArgument,
  bigintArgument,
  bytesArgument,
  choiceArgument,
  type CipherSuiteParams,
  type CredentialSubject,
  functionArgument,
  listArgument,
  MlsError,
  numberArgument,
  optionsArgument,
  type Verdict,
} from "@openmls-ts/traits";
import { type Certificate, readCertificate } from "./certificate.ts";
import { IDENTITY_SOURCES, type X509IdentitySource } from "./identity.ts";
import type { PathRules } from "./path.ts";
import type { WebCryptoLike } from "./signature.ts";

/** Whom to trust, and what to look for. */
export interface X509Options {
  /**
   * Certificates whose word is enough, as DER: authorities, or single end entities. They are judged as all others, so an
   * expired one vouches for nobody.
   */
  readonly anchors: readonly Uint8Array[];
  /** Where the identity of a member stands, of which there must be one. */
  readonly identity: X509IdentitySource;
  /**
   * What the application says of an identity, when the certificates are good: its reference identifiers (RFC 9420 §5.3.1),
   * revocations. Default: everybody with a good certificate is welcome.
   */
  readonly accept?: (identity: string, subject: CredentialSubject) => Promise<Verdict>;
  /** Certificates of authorities that members leave out of their chains (RFC 9420 §5.3), as DER. Default: none. */
  readonly intermediates?: readonly Uint8Array[];
  /** The time of the judgement in seconds since 1970. Default: that of the provider's clock, `subject.now`. */
  readonly at?: bigint | ((subject: CredentialSubject) => bigint);
  /**
   * Object identifiers of extended key usages. A certificate that has extended key usages must have one of them, or
   * anyExtendedKeyUsage. Default: none.
   */
  readonly purposes?: readonly string[];
  /** Most certificates in a credential; the trust anchor may come on top. 1 to 32. Default: 8. */
  readonly maxChainLength?: number;
  /** Longest certificate in bytes. 1 to 65535. Default: 8192. */
  readonly maxCertificateLength?: number;
  /** Rows of cipher suites beside those of RFC 9420. Default: none. */
  readonly cipherSuites?: readonly CipherSuiteParams[];
  /** Web Crypto, which verifies the certificates' signatures. Default: the global one. */
  readonly crypto?: WebCryptoLike;
}

/**
 * {@link X509Options} after they were checked.
 * @internal because the declarations of a certificate need the DOM library
 */
export interface X509Rules extends PathRules {
  readonly identity: X509IdentitySource;
  readonly accept: (identity: string, subject: CredentialSubject) => Promise<Verdict>;
  readonly at: (subject: CredentialSubject) => bigint;
  readonly maxCertificateLength: number;
  readonly cipherSuites: readonly CipherSuiteParams[];
}

function certificatesArgument(name: string, value: readonly Uint8Array[]): Certificate[] {
  return listArgument(name, value).map((der, at) => {
    const bytes = bytesArgument(`${name}[${at}]`, der);
    try {
      return readCertificate(bytes);
    } catch (cause) {
      throw new MlsError("ERR_MLS_USAGE", `${name}[${at}] is no certificate in DER`, { cause });
    }
  });
}

function cryptoArgument(value: WebCryptoLike | undefined): WebCryptoLike {
  if (typeof value?.subtle !== "object") {
    throw badArgument("options.crypto", value, "Web Crypto");
  }
  return value;
}

/**
 * Checks and completes options.
 * @throws MlsError `ERR_MLS_USAGE`
 * @internal
 */
export function rulesFrom(options: X509Options): X509Rules {
  const given = optionsArgument<Partial<X509Options>>("options", options, [
    "anchors",
    "identity",
    "accept",
    "intermediates",
    "at",
    "purposes",
    "maxChainLength",
    "maxCertificateLength",
    "cipherSuites",
    "crypto",
  ]);
  const anchors = certificatesArgument("options.anchors", given.anchors as X509Options["anchors"]);
  if (anchors.length === 0) {
    throw badArgument("options.anchors", given.anchors, "array of at least one certificate");
  }
  const { at } = given;
  const time = typeof at === "function" ? at : at === undefined ? at : bigintArgument("options.at", at);
  return {
    anchors,
    identity: choiceArgument("options.identity", given.identity, IDENTITY_SOURCES),
    accept: functionArgument("options.accept", given.accept ?? (async () => Promise.resolve(true))),
    intermediates: certificatesArgument("options.intermediates", given.intermediates ?? []),
    at: typeof time === "function" ? time : (subject) => time ?? subject.now,
    purposes: listArgument("options.purposes", given.purposes ?? []),
    maxChainLength: numberArgument("options.maxChainLength", given.maxChainLength ?? 8, 1, 32),
    maxCertificateLength: numberArgument(
      "options.maxCertificateLength",
      given.maxCertificateLength ?? 8192,
      1,
      0xffff,
    ),
    cipherSuites: listArgument("options.cipherSuites", given.cipherSuites ?? []),
    crypto: cryptoArgument(given.crypto ?? (globalThis as { readonly crypto?: WebCryptoLike }).crypto),
  };
}
