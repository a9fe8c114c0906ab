import type { SuiteEntry, SuiteTools } from "@openmls-ts/hpke";
import {
  AEADS,
  badArgument,
  choiceArgument,
  type HashName,
  KDFS,
  MlsError,
  numberArgument,
  optionsArgument,
  SIGNATURES,
  type SignatureParams,
} from "@openmls-ts/traits";
import type { PqDerivation } from "./derive-private-key.ts";
import type { MlDsaLevel, PostQuantumEngine } from "./engine.ts";
import { mlKem1024P384, mlKem768P256, xWing } from "./hybrids.ts";
import { hpkeKem, type KemMaker, pureKem } from "./kems.ts";
import { mlDsaScheme } from "./ml-dsa.ts";
import { nobleEngine } from "./noble-engine.ts";
import { PQ_KEMS, PQ_SIGNATURES, type PqKemName, type PqSignatureName } from "./rows.ts";
import {
  PQ_DERIVATIONS,
  PQ_SUITE_IDS,
  PQ_SUITE_NAMES,
  type PqEcosystem,
  type PqSuiteIds,
  type PqSuiteName,
} from "./suite-ids.ts";

/** Choices of {@link postQuantumSuites}. */
export interface PostQuantumOptions {
  /**
   * The suites that are offered and the numbers they go by: those of an ecosystem, or a list of one's own. A wrong number makes a
   * group that a peer cannot decode. Default: `"draft"`.
   */
  readonly ids?: PqEcosystem | PqSuiteIds;
  /** Where ML-KEM and ML-DSA come from: {@link nobleEngine}, `subtleEngine()`, or `nodeEngine`. Default: the first. */
  readonly engine?: PostQuantumEngine;
  /** How KEMs derive key pairs; the same for all members. Default: as the ecosystem of `ids` does, else `"labeled"`. */
  readonly derivation?: PqDerivation;
}

/** What a suite is made of. */
interface Parts {
  readonly kem: PqKemName;
  readonly hash: HashName;
  readonly aead: keyof typeof AEADS;
  readonly signature: PqSignatureName | keyof typeof SIGNATURES;
}

const parts = (
  kem: PqKemName,
  aead: Parts["aead"],
  hash: HashName,
  signature: Parts["signature"],
): Parts => ({ kem, aead, hash, signature });

const SUITES: Readonly<Record<PqSuiteName, Parts>> = {
  MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519: parts(
    "MLKEM768-X25519",
    "AES-128-GCM",
    "SHA-256",
    "Ed25519",
  ),
  MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519: parts(
    "MLKEM768-X25519",
    "AES-256-GCM",
    "SHA-384",
    "Ed25519",
  ),
  MLS_128_MLKEM768P256_AES128GCM_SHA256_P256: parts("MLKEM768-P256", "AES-128-GCM", "SHA-256", "ECDSA-P256"),
  MLS_128_MLKEM768P256_AES256GCM_SHA384_P256: parts("MLKEM768-P256", "AES-256-GCM", "SHA-384", "ECDSA-P256"),
  MLS_192_MLKEM1024P384_AES256GCM_SHA384_P384: parts(
    "MLKEM1024-P384",
    "AES-256-GCM",
    "SHA-384",
    "ECDSA-P384",
  ),
  MLS_128_MLKEM768_AES256GCM_SHA384_Ed25519: parts("ML-KEM-768", "AES-256-GCM", "SHA-384", "Ed25519"),
  MLS_128_MLKEM768_AES256GCM_SHA384_P256: parts("ML-KEM-768", "AES-256-GCM", "SHA-384", "ECDSA-P256"),
  MLS_192_MLKEM1024_AES256GCM_SHA384_P384: parts("ML-KEM-1024", "AES-256-GCM", "SHA-384", "ECDSA-P384"),
  MLS_128_MLKEM768X25519_CHACHA20POLY1305_SHA384_MLDSA44: parts(
    "MLKEM768-X25519",
    "ChaCha20-Poly1305",
    "SHA-384",
    "ML-DSA-44",
  ),
  MLS_192_MLKEM768_AES256GCM_SHA384_MLDSA65: parts("ML-KEM-768", "AES-256-GCM", "SHA-384", "ML-DSA-65"),
  MLS_256_MLKEM1024_AES256GCM_SHA384_MLDSA87: parts("ML-KEM-1024", "AES-256-GCM", "SHA-384", "ML-DSA-87"),
  MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519: parts(
    "MLKEM768-X25519",
    "ChaCha20-Poly1305",
    "SHA-256",
    "Ed25519",
  ),
};

const KEM_MAKERS: Readonly<Record<PqKemName, KemMaker>> = {
  "ML-KEM-768": async (engine) => pureKem(engine, 768),
  "ML-KEM-1024": async (engine) => pureKem(engine, 1024),
  "MLKEM768-X25519": xWing,
  "MLKEM768-P256": mlKem768P256,
  "MLKEM1024-P384": mlKem1024P384,
};

const DSA_LEVELS: Readonly<Record<PqSignatureName, MlDsaLevel>> = {
  "ML-DSA-44": 44,
  "ML-DSA-65": 65,
  "ML-DSA-87": 87,
};

/**
 * Rows for the `suites` option of any crypto provider: the suites of draft-ietf-mls-pq-ciphersuites-06 and OpenMLS's
 * MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519. Those that sign with Ed25519 or ECDSA keep secrets from a quantum computer
 * and do not keep it from posing as a member.
 * @throws MlsError `ERR_MLS_USAGE` for an ecosystem, a suite or a number that is none, or two suites of one number
 */
export function postQuantumSuites(options: PostQuantumOptions = {}): SuiteEntry[] {
  const given = optionsArgument<PostQuantumOptions>("options", options, ["ids", "engine", "derivation"]);
  const { ids = "draft", engine = nobleEngine } = given;
  const numbers = Object.entries(idsOf(ids));
  const usual = typeof ids === "string" ? PQ_DERIVATIONS[ids] : "labeled";
  const derivation = choiceArgument<PqDerivation>("options.derivation", given.derivation ?? usual, [
    "labeled",
    "shake256",
  ]);
  const entries = numbers.map(([name, id]) => suite(name, id, engine, derivation));
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    throw new MlsError("ERR_MLS_USAGE", "options.ids has two suites with one number");
  }
  return entries;
}

function idsOf(ids: unknown): Readonly<Record<string, unknown>> {
  if (typeof ids === "string" && Object.hasOwn(PQ_SUITE_IDS, ids)) {
    return PQ_SUITE_IDS[ids as PqEcosystem];
  }
  if (typeof ids !== "object" || ids === null) {
    const names = Object.keys(PQ_SUITE_IDS).join(", ");
    throw badArgument("options.ids", ids, `one of ${names}, or numbers by suite`);
  }
  return ids as Readonly<Record<string, unknown>>;
}

function suite(
  name: string,
  given: unknown,
  engine: PostQuantumEngine,
  derivation: PqDerivation,
): SuiteEntry {
  if (!(PQ_SUITE_NAMES as readonly string[]).includes(name)) {
    throw badArgument("options.ids", name, `suites by name: ${PQ_SUITE_NAMES.join(", ")}`);
  }
  const id = numberArgument(`options.ids.${name}`, given, 1, 0xffff);
  const { kem, hash, aead, signature } = SUITES[name as PqSuiteName];
  const kemRow = PQ_KEMS[kem];
  const implementations = {
    kem: (tools: SuiteTools) => hpkeKem(kemRow, derivation, async () => KEM_MAKERS[kem](engine, tools)),
  };
  const row = { id, name, kem: kemRow, kdf: KDFS[hash], aead: AEADS[aead], hash };
  if (!isPostQuantum(signature)) {
    return { ...row, signature: SIGNATURES[signature], implementations };
  }
  const signatureRow: SignatureParams = PQ_SIGNATURES[signature];
  return {
    ...row,
    signature: signatureRow,
    implementations: {
      ...implementations,
      signature: (tools) => mlDsaScheme(engine, DSA_LEVELS[signature], tools),
    },
  };
}

function isPostQuantum(signature: Parts["signature"]): signature is PqSignatureName {
  return Object.hasOwn(PQ_SIGNATURES, signature);
}
