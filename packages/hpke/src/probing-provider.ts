import type { CipherSuite, CipherSuiteId, CipherSuiteParams, CryptoProvider } from "@openmls-ts/traits";
import { CIPHER_SUITES, cipherSuiteParams, equalBytes, MlsError, utf8, wipe } from "@openmls-ts/traits";
import { buildCipherSuite } from "./cipher-suite.ts";
import { randomNistScalar } from "./nist-curves.ts";
import type { Aead, DhGroup, SignatureScheme, SuitePrimitives } from "./primitives.ts";

/**
 * A `CryptoProvider` for backends whose abilities depend on the runtime. A suite is offered if each of its primitives
 * works when tried, once; nothing runs before the first question.
 * @param primitivesOf what the backend would use for a suite; it may reject if it knows that it cannot
 */
export function buildProbingProvider(
  name: string,
  primitivesOf: (params: CipherSuiteParams) => Promise<SuitePrimitives>,
): CryptoProvider {
  return new ProbingProvider(name, primitivesOf);
}

type Probed = { readonly suite: CipherSuite } | { readonly reason: unknown };

class ProbingProvider implements CryptoProvider {
  readonly name: string;
  readonly #primitivesOf: (params: CipherSuiteParams) => Promise<SuitePrimitives>;
  readonly #probed = new Map<number, Promise<Probed>>();

  constructor(name: string, primitivesOf: (params: CipherSuiteParams) => Promise<SuitePrimitives>) {
    this.name = name;
    this.#primitivesOf = primitivesOf;
  }

  async supportedCipherSuites(): Promise<readonly CipherSuiteId[]> {
    const probed = await Promise.all(CIPHER_SUITES.map(async (params) => this.#probe(params)));
    return CIPHER_SUITES.filter((_, i) => "suite" in probed[i]!).map((params) => params.id);
  }

  async cipherSuite(id: number): Promise<CipherSuite> {
    const params = cipherSuiteParams(id);
    if (params === undefined) {
      throw new MlsError("ERR_MLS_UNSUPPORTED_CIPHER_SUITE", `no cipher suite has the number ${id}`);
    }
    const probed = await this.#probe(params);
    if ("suite" in probed) {
      return probed.suite;
    }
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_CIPHER_SUITE",
      `${this.name} lacks ${params.name} on this runtime`,
      {
        cause: probed.reason,
      },
    );
  }

  async #probe(params: CipherSuiteParams): Promise<Probed> {
    let probed = this.#probed.get(params.id);
    if (probed === undefined) {
      probed = this.#try(params);
      this.#probed.set(params.id, probed);
    }
    return probed;
  }

  async #try(params: CipherSuiteParams): Promise<Probed> {
    try {
      const primitives = await this.#primitivesOf(params);
      await tryAead(primitives.aead);
      await tryGroup(primitives.group, (length) => primitives.randomBytes(length));
      await trySignature(primitives.signature);
      return { suite: buildCipherSuite(primitives) };
    } catch (reason) {
      return { reason };
    }
  }
}

function demand(condition: boolean, what: string): void {
  if (!condition) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", `${what} gives wrong results`);
  }
}

const MESSAGE: Uint8Array = utf8("probe");

async function tryAead(aead: Aead): Promise<void> {
  const { keyLength, nonceLength, tagLength, name } = aead.params;
  const key = new Uint8Array(keyLength);
  const nonce = new Uint8Array(nonceLength);
  const sealed = await aead.seal(key, nonce, key, MESSAGE);
  demand(sealed.length === MESSAGE.length + tagLength, name);
  demand(equalBytes(await aead.open(key, nonce, key, sealed), MESSAGE), name);
}

async function tryGroup(group: DhGroup, randomBytes: (length: number) => Uint8Array): Promise<void> {
  const { curve, privateKeyLength, publicKeyLength } = group.params;
  const isNist = curve !== "X25519" && curve !== "X448";
  const privateKey = (): Uint8Array =>
    isNist ? randomNistScalar(curve, randomBytes) : randomBytes(privateKeyLength);
  const [a, b] = [privateKey(), privateKey()];
  const [publicA, publicB] = [await group.publicKey(a), await group.publicKey(b)];
  const shared = await group.diffieHellman(a, publicB);
  demand(publicA.length === publicKeyLength && !equalBytes(publicA, publicB), curve);
  demand(equalBytes(shared, await group.diffieHellman(b, publicA)), curve);
  demand(await group.isValidPublicKey(publicA), curve);
  if (isNist) {
    // Another y to the same x: a runtime that takes it would leak private keys to whoever sends such points.
    publicA[publicKeyLength - 1]! ^= 1;
    demand(!(await group.isValidPublicKey(publicA)), curve);
  }
  wipe(a, b, shared);
}

async function trySignature(scheme: SignatureScheme): Promise<void> {
  const { privateKey, publicKey } = await scheme.generateKeys();
  const signature = await scheme.sign(privateKey, MESSAGE);
  demand(equalBytes(await scheme.publicKey(privateKey), publicKey), scheme.params.name);
  demand(await scheme.verify(publicKey, MESSAGE, signature), scheme.params.name);
  demand(!(await scheme.verify(publicKey, utf8("other"), signature)), scheme.params.name);
  wipe(privateKey);
}
