import type { CryptoProvider } from "@openmls-ts/traits";
import { CIPHER_SUITES, cipherSuiteParams } from "@openmls-ts/traits";
import { check, checkRejects } from "../case.ts";
import type { CryptoConformanceCase } from "./context.ts";

function providerCase(
  name: string,
  body: (provider: CryptoProvider) => Promise<void>,
): CryptoConformanceCase {
  return { name, run: async ({ provider }) => body(provider) };
}

/** What holds for the provider as a whole. */
export const providerCases: readonly CryptoConformanceCase[] = [
  providerCase("the provider has a name", async (provider) => {
    check(typeof provider.name === "string" && provider.name.length > 0, "name is a non-empty string");
  }),
  providerCase(
    "supportedCipherSuites lists suites of the registry, ascending, each once",
    async (provider) => {
      const supported = await provider.supportedCipherSuites();
      check(supported.length > 0, "at least one suite works");
      for (const [index, id] of supported.entries()) {
        check(cipherSuiteParams(id) !== undefined, `suite ${id} is in the registry`);
        check(index === 0 || id > (supported[index - 1] ?? id), `suite ${id} stands in ascending order`);
      }
    },
  ),
  providerCase("cipherSuite yields the listed suites and refuses the others", async (provider) => {
    const supported = await provider.supportedCipherSuites();
    for (const { id } of CIPHER_SUITES) {
      if (supported.includes(id)) {
        const suite = await provider.cipherSuite(id);
        check(suite.id === id && suite.params === cipherSuiteParams(id), `suite ${id} knows what it is`);
      } else {
        const refused = async (): Promise<unknown> => provider.cipherSuite(id);
        await checkRejects("ERR_MLS_UNSUPPORTED_CIPHER_SUITE", refused, `suite ${id}`);
      }
    }
  }),
  providerCase("cipherSuite refuses code points that the registry lacks", async (provider) => {
    for (const id of [0, 8, 0x0a0a, 0xf000, 0xffff, 65537, -1, 1.5, Number.NaN]) {
      const refused = async (): Promise<unknown> => provider.cipherSuite(id);
      await checkRejects("ERR_MLS_UNSUPPORTED_CIPHER_SUITE", refused, `suite ${id}`);
    }
  }),
  providerCase("cipherSuite says what is wrong with a number that is none", async (provider) => {
    for (const id of ["1", 1n, undefined, null, {}]) {
      const refused = async (): Promise<unknown> => provider.cipherSuite(id as number);
      const message = await checkRejects("ERR_MLS_USAGE", refused, `${typeof id} as suite`);
      check(message.includes("cipherSuite"), "the message names the argument");
    }
  }),
  providerCase("concurrent first calls of cipherSuite all succeed", async (provider) => {
    const [id] = await provider.supportedCipherSuites();
    check(id !== undefined, "at least one suite works");
    const suites = await Promise.all([1, 2, 3].map(async () => provider.cipherSuite(id ?? 0)));
    check(
      suites.every((suite) => suite.id === id),
      "every call yields the suite asked for",
    );
  }),
];
