import type { CipherSuite, CryptoProvider } from "@openmls-ts/traits";
import { badArgument, MlsError } from "@openmls-ts/traits";
import { buildCipherSuite } from "./cipher-suite.ts";
import type { CryptoBackend } from "./primitives.ts";
import { probe } from "./probe.ts";
import type { SuiteEntry, SuiteMaker } from "./suites.ts";
import { suiteMakers } from "./suites.ts";

/**
 * A `CryptoProvider` on a backend: the suites of RFC 9420 §17.1 and those that the application adds. Where abilities
 * depend on the runtime, and for implementations that come with a suite, a suite is offered if each of its primitives
 * works when tried, once; nothing runs before the first question.
 * @throws MlsError `ERR_MLS_USAGE` for a suite that is malformed or names what nobody implements
 */
export function buildCryptoProvider(backend: CryptoBackend, suites?: readonly SuiteEntry[]): CryptoProvider {
  return new BackendProvider(backend, suites);
}

type Tried = { readonly suite: CipherSuite } | { readonly reason: unknown };

class BackendProvider implements CryptoProvider {
  readonly name: string;
  readonly #probes: boolean;
  readonly #makers: ReadonlyMap<number, readonly [params: SuiteEntry, make: SuiteMaker]>;
  readonly #tried = new Map<number, Promise<Tried>>();

  constructor(backend: CryptoBackend, suites: readonly SuiteEntry[] | undefined) {
    this.name = backend.name;
    this.#probes = backend.probes;
    this.#makers = suiteMakers(backend, suites);
  }

  async supportedCipherSuites(): Promise<readonly number[]> {
    const ids = [...this.#makers.keys()];
    const tried = await Promise.all(ids.map(async (id) => this.#suite(id)));
    return ids.filter((_, i) => "suite" in tried[i]!);
  }

  async cipherSuite(id: number): Promise<CipherSuite> {
    if (typeof id !== "number") {
      throw badArgument("cipherSuite", id, "number");
    }
    const tried = await this.#suite(id);
    if ("suite" in tried) {
      return tried.suite;
    }
    const name = this.#makers.get(id)?.[0].name;
    const message = name === undefined ? `knows no cipher suite ${id}` : `lacks ${name} on this runtime`;
    throw new MlsError("ERR_MLS_UNSUPPORTED_CIPHER_SUITE", `${this.name} ${message}`, {
      cause: tried.reason,
      details: { cipherSuite: id },
    });
  }

  async #suite(id: number): Promise<Tried> {
    let tried = this.#tried.get(id);
    if (tried === undefined) {
      const row = this.#makers.get(id);
      if (row === undefined) {
        return { reason: undefined };
      }
      tried = this.#try(...row);
      this.#tried.set(id, tried);
    }
    return tried;
  }

  async #try(entry: SuiteEntry, make: SuiteMaker): Promise<Tried> {
    try {
      const primitives = await make();
      if (this.#probes || entry.implementations !== undefined) {
        await probe(primitives);
      }
      return { suite: buildCipherSuite(primitives) };
    } catch (reason) {
      return { reason };
    }
  }
}
