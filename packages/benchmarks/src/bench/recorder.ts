import type { CipherSuite, CryptoProvider } from "@openmls-ts/traits";

/** A call of a cipher suite that can be made again. */
export interface Call {
  readonly name: string;
  readonly again: () => unknown;
}

/** A provider that writes down what is asked of it. */
export interface Recorder {
  readonly crypto: CryptoProvider;
  /** Begins anew. */
  start(): void;
  /** What was asked since {@link start}. */
  stop(): readonly Call[];
}

/**
 * Writes down each call of a suite, and of the objects it hands out, with copies of the arguments: keys are wiped after use, and
 * a call with zeros would not cost the same.
 */
export function recorder(inner: CryptoProvider): Recorder {
  let calls: Call[] | undefined;
  const suites = new Map<number, CipherSuite>();
  const watched = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (_, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function" || typeof name !== "string") return value;
        const call = value as (...parameters: unknown[]) => unknown;
        return (...parameters: unknown[]): unknown => {
          if (calls !== undefined) {
            const kept = parameters.map((parameter) =>
              parameter instanceof Uint8Array ? parameter.slice() : parameter,
            );
            calls.push({ name, again: () => call.apply(target, kept) });
          }
          return handedOut(call.apply(target, parameters));
        };
      },
    });
  const handedOut = (result: unknown): unknown => {
    if (result instanceof Promise) return result.then(handedOut);
    const hasMethods =
      typeof result === "object" &&
      result !== null &&
      ["seal", "sign"].some((name) => typeof Reflect.get(result, name) === "function");
    return hasMethods ? watched(result) : result;
  };
  return {
    crypto: {
      name: inner.name,
      supportedCipherSuites: async () => inner.supportedCipherSuites(),
      cipherSuite: async (id) => {
        const suite = suites.get(id) ?? watched(await inner.cipherSuite(id));
        suites.set(id, suite);
        return suite;
      },
    },
    start: () => {
      calls = [];
    },
    stop: () => {
      const taken = calls ?? [];
      calls = undefined;
      return taken;
    },
  };
}
