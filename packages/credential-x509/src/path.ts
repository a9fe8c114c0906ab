import { bytesToKey, equalBytes } from "@openmls-ts/traits";
import { type Certificate, sameName } from "./certificate.ts";
import { authorityProblem, certificateProblem, leafProblem } from "./constraints.ts";
import { certifies, type WebCryptoLike } from "./signature.ts";

/** What a chain is judged by. */
export interface PathRules {
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly purposes: readonly string[];
  readonly maxChainLength: number;
  readonly crypto: WebCryptoLike;
}

/** Signatures that were verified, for credentials that are judged together and have authorities in common. */
export type KnownLinks = Map<string, Promise<boolean>>;

/** An end entity's certificate and those above it, up to a trusted one; or what is wrong. */
type Path = readonly Certificate[] | string;

async function isSigned(
  issuer: Certificate,
  certificate: Certificate,
  { crypto }: PathRules,
  known: KnownLinks,
): Promise<boolean> {
  const name = `${bytesToKey(issuer.publicKeyInfo)} ${bytesToKey(certificate.der)}`;
  const verdict = known.get(name) ?? certifies(issuer, certificate, crypto);
  known.set(name, verdict);
  return verdict;
}

/** Puts authorities on top of a chain until it reaches one that is trusted (RFC 9420 §5.3: a chain may omit them). */
async function completed(chain: readonly Certificate[], rules: PathRules, known: KnownLinks): Promise<Path> {
  const path = [...chain];
  const isAnchor = ({ der }: Certificate): boolean => rules.anchors.some((one) => equalBytes(one.der, der));
  while (!path.some(isAnchor)) {
    const last = path[path.length - 1]!;
    let issuer: Certificate | undefined;
    for (const candidate of [...rules.anchors, ...rules.intermediates]) {
      if (
        issuer === undefined &&
        sameName(candidate.subject, last.issuer) &&
        (await isSigned(candidate, last, rules, known))
      ) {
        issuer = candidate;
      }
    }
    if (issuer === undefined || path.length > rules.maxChainLength) {
      return "no trust anchor vouches for the chain";
    }
    path.push(issuer);
  }
  return path;
}

/** What can be told of a chain without a signature being verified; the cheap part. */
function formProblem(path: readonly Certificate[], rules: PathRules, now: bigint): string | undefined {
  for (const [at, certificate] of path.entries()) {
    const below = path[at - 1];
    // RFC 9420 §5.3: the end entity first, each followed by the one that certifies it
    if (below !== undefined && !sameName(below.issuer, certificate.subject)) {
      return `certificate ${at} does not certify the one before it`;
    }
    const problem =
      certificateProblem(certificate, now) ??
      (at === 0
        ? leafProblem(certificate, rules.purposes)
        : authorityProblem(certificate, path.slice(0, at)));
    if (problem !== undefined) {
      return `certificate ${at} ${problem}`;
    }
  }
  return undefined;
}

/**
 * What is wrong about a chain (RFC 5280 §6.1), for people; `undefined` if a trust anchor vouches for it. Every certificate in
 * it is judged, also those above an anchor, and the anchor itself.
 * @param chain the end entity's certificate first; not empty
 * @param now seconds since 1970
 */
export async function pathProblem(
  chain: readonly Certificate[],
  rules: PathRules,
  now: bigint,
  known: KnownLinks,
): Promise<string | undefined> {
  const early = formProblem(chain, rules, now);
  if (early !== undefined) {
    return early;
  }
  const path = await completed(chain, rules, known);
  if (typeof path === "string") {
    return path;
  }
  const late = formProblem(path, rules, now);
  if (late !== undefined) {
    return late;
  }
  // from the top, so that a forged chain costs its maker's victim one signature
  for (let at = path.length - 1; at > 0; at--) {
    const [issuer, certificate] = [path[at]!, path[at - 1]!];
    if (!(await isSigned(issuer, certificate, rules, known))) {
      return `certificate ${at} did not sign the one before it`;
    }
  }
  return undefined;
}
