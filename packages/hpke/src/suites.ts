import type { CipherSuiteParams, DhCurve, DhKemParams, HashName, KdfParams } from "@openmls-ts/traits";
import { badArgument, CIPHER_SUITES, KDFS, KEMS, MlsError, numberArgument } from "@openmls-ts/traits";
import { DhKem } from "./dhkem.ts";
import type {
  Aead,
  CryptoBackend,
  DhGroup,
  HashOperations,
  Implementations,
  Kdf,
  Kem,
  SignatureScheme,
  SuitePrimitives,
} from "./primitives.ts";

/** What an implementation that comes with a suite may use of the backend. */
export interface SuiteTools {
  randomBytes(length: number): Uint8Array;
  kdf(hash: HashName): Kdf;
  /** For hybrid KEMs. */
  group(curve: DhCurve): DhGroup;
}

/** An implementation, or what makes it for a backend. */
export type Supplied<Part> = Part | ((tools: SuiteTools) => Part);

/** Implementations that come with a suite, in place of what the backend has under the entry's name. */
export interface SuiteImplementations {
  readonly kem?: Supplied<Kem>;
  readonly kdf?: Supplied<Kdf>;
  readonly aead?: Supplied<Aead>;
  readonly hash?: Supplied<HashOperations>;
  readonly signature?: Supplied<SignatureScheme>;
}

/**
 * A suite that an application adds, or puts in place of one of RFC 9420. What a backend does not have under the name of
 * an entry must come with it.
 */
export interface SuiteEntry extends CipherSuiteParams {
  readonly implementations?: SuiteImplementations;
}

/** Options of every crypto provider. */
export interface SuiteOptions {
  /** Suites beside those of RFC 9420 §17.1, or in place of the one with the same number. Default: none. */
  readonly suites?: readonly SuiteEntry[];
}

/** Makes the primitives of a suite. */
export type SuiteMaker = () => Promise<SuitePrimitives>;

/**
 * All suites of a provider in ascending order, with what makes each.
 * @throws MlsError `ERR_MLS_USAGE` for a malformed row, two of one number, or a name that nothing stands behind
 */
export function suiteMakers(
  backend: CryptoBackend,
  suites: readonly SuiteEntry[] = [],
): ReadonlyMap<number, readonly [params: SuiteEntry, make: SuiteMaker]> {
  if (!isArray(suites)) {
    throw badArgument("options.suites", suites, "array of suites");
  }
  suites.forEach(checkEntry);
  const own = new Map(suites.map((entry) => [entry.id, entry]));
  if (own.size < suites.length) {
    throw new MlsError("ERR_MLS_USAGE", "options.suites has two suites with one number");
  }
  const rows = [...CIPHER_SUITES.filter(({ id }) => !own.has(id)), ...own.values()].sort(
    (a, b) => a.id - b.id,
  );
  return new Map(rows.map((entry) => [entry.id, [entry, makerOf(backend, entry)] as const]));
}

// Array.isArray would make `any` of it.
function isArray(value: unknown): boolean {
  return Array.isArray(value);
}

const LENGTHS = {
  kem: ["id", "sharedSecretLength", "encapsulatedLength", "publicKeyLength", "privateKeyLength"],
  kdf: ["id", "hashLength"],
  aead: ["id", "keyLength", "nonceLength", "tagLength"],
  signature: ["id", "publicKeyLength", "privateKeyLength", "maxSignatureLength"],
} as const;

function checkEntry(entry: unknown, index: number): void {
  const at = `options.suites[${index}]`;
  const row = record(at, entry);
  numberArgument(`${at}.id`, row["id"], 1, 0xffff);
  text(`${at}.name`, row["name"]);
  text(`${at}.hash`, row["hash"]);
  for (const [part, fields] of Object.entries(LENGTHS)) {
    const params = record(`${at}.${part}`, row[part]);
    text(`${at}.${part}.name`, params["name"]);
    for (const field of fields) {
      numberArgument(`${at}.${part}.${field}`, params[field], 0, 0xffff);
    }
  }
}

function record(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) {
    throw badArgument(name, value, "object");
  }
  return value as Readonly<Record<string, unknown>>;
}

function text(name: string, value: unknown): void {
  if (typeof value !== "string" || value === "") {
    throw badArgument(name, value, "string");
  }
}

function makerOf(backend: CryptoBackend, entry: SuiteEntry): SuiteMaker {
  const { implementations: given = {}, ...rest } = entry;
  // The registry's own rows are handed out as they are.
  const params: CipherSuiteParams = entry.implementations === undefined ? entry : rest;
  const randomBytes = (length: number): Uint8Array => backend.randomBytes(length);
  const groupOf = (row: DhKemParams): DhGroup => part("curve", row.curve, backend.groups, row, undefined)();
  const tools: SuiteTools = {
    randomBytes,
    kdf: (hash) => part("hash", hash, backend.kdfs, KDFS[hash], undefined)(),
    group: (curve) => groupOf(KEMS[curve]),
  };

  function part<Params, Part>(
    what: string,
    name: string,
    table: Implementations<Params, Part>,
    row: Params,
    supplied: Supplied<Awaited<Part>> | undefined,
  ): () => Part | Awaited<Part> {
    if (supplied !== undefined) {
      return () =>
        typeof supplied === "function" ? (supplied as (tools: SuiteTools) => Awaited<Part>)(tools) : supplied;
    }
    const found = Object.hasOwn(table, name) ? table[name] : undefined;
    if (found === undefined) {
      throw new MlsError(
        "ERR_MLS_USAGE",
        `suite ${entry.id}: ${backend.name} has no ${what} "${name}"; pass it in implementations`,
        { details: { argument: "options.suites", given: name, cipherSuite: entry.id } },
      );
    }
    return () => found(row);
  }

  // A DHKEM is known by its name, whatever number it goes by.
  const dh = Object.values(KEMS).find(({ name }) => name === params.kem.name);
  const kems: Implementations<unknown, Kem> =
    dh === undefined || !Object.hasOwn(backend.groups, dh.curve)
      ? {}
      : {
          [dh.name]: () => {
            const row = { ...params.kem, curve: dh.curve, hash: dh.hash };
            return new DhKem(row, groupOf(row), tools.kdf(dh.hash), randomBytes);
          },
        };
  const kem = part("KEM", params.kem.name, kems, params.kem, given.kem);
  const kdf = part("KDF over", params.kdf.hash, backend.kdfs, params.kdf, given.kdf);
  const hashRow = KDFS[params.hash as HashName] as KdfParams | undefined;
  const hash = part<KdfParams, HashOperations>(
    "hash",
    params.hash,
    backend.kdfs,
    hashRow ?? params.kdf,
    given.hash,
  );
  const aead = part("AEAD", params.aead.name, backend.aeads, params.aead, given.aead);
  const signature = part(
    "signature",
    params.signature.name,
    backend.signatures,
    params.signature,
    given.signature,
  );
  return async () => ({
    params,
    hash: hash(),
    kdf: kdf(),
    aead: await aead(),
    kem: kem(),
    signature: signature(),
    randomBytes,
  });
}
