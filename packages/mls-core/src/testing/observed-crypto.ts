import type { CipherSuite, CryptoProvider } from "@openmls-ts/traits";

/** What a test wants to see of the cryptography; called before each operation. */
export interface CryptoObserver {
  readonly seal?: (key: Uint8Array, nonce: Uint8Array) => void;
  readonly verify?: () => void;
  readonly hash?: () => void;
}

/** A provider that behaves like another one and reports what it is asked for. */
export function observedCrypto(base: CryptoProvider, observer: CryptoObserver): CryptoProvider {
  const suites = new Map<number, CipherSuite>();
  return {
    name: base.name,
    supportedCipherSuites: async () => base.supportedCipherSuites(),
    cipherSuite: async (id) => {
      const known = suites.get(id) ?? observedSuite(await base.cipherSuite(id), observer);
      suites.set(id, known);
      return known;
    },
  };
}

function observedSuite(suite: CipherSuite, observer: CryptoObserver): CipherSuite {
  const methods: Partial<CipherSuite> = {
    aeadSeal: async (key, nonce, aad, plaintext) => {
      observer.seal?.(key, nonce);
      return suite.aeadSeal(key, nonce, aad, plaintext);
    },
    verify: async (publicKey, message, signature) => {
      observer.verify?.();
      return suite.verify(publicKey, message, signature);
    },
    hash: (data) => {
      observer.hash?.();
      return suite.hash(data);
    },
  };
  return new Proxy(suite, {
    get: (target, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(methods, name) ? methods : target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
