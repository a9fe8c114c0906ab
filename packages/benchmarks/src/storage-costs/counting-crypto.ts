import type { CipherSuite, CryptoProvider } from "@openmls-ts/traits";

/** What was asked of the cryptography. */
export interface CryptoCost {
  readonly verifications: number;
  readonly hashes: number;
}

/** A provider that counts, and that can be told to believe every signature while a large group is set up. */
export interface CountingCrypto extends CryptoProvider {
  /** Whether signatures are verified; `true` at first. */
  strict: boolean;
  /** What has been asked since the last call. */
  take(): CryptoCost;
}

/** Counts the verifications and hashes that `inner` is asked for. */
export function countingCrypto(inner: CryptoProvider): CountingCrypto {
  const suites = new Map<number, CipherSuite>();
  let verifications = 0;
  let hashes = 0;
  const counted = (suite: CipherSuite): CipherSuite => {
    const methods: Partial<CipherSuite> = {
      verify: async (publicKey, message, signature) => {
        verifications++;
        return counting.strict ? suite.verify(publicKey, message, signature) : true;
      },
      hash: (data) => {
        hashes++;
        return suite.hash(data);
      },
    };
    return new Proxy(suite, {
      get: (target, name) => {
        const value: unknown = Reflect.get(Object.hasOwn(methods, name) ? methods : target, name);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  };
  const counting: CountingCrypto = {
    name: inner.name,
    strict: true,
    supportedCipherSuites: async () => inner.supportedCipherSuites(),
    cipherSuite: async (id) => {
      const known = suites.get(id) ?? counted(await inner.cipherSuite(id));
      suites.set(id, known);
      return known;
    },
    take: () => {
      const taken = { verifications, hashes };
      verifications = 0;
      hashes = 0;
      return taken;
    },
  };
  return counting;
}
