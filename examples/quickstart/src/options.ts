import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { CIPHER_SUITES, type CryptoProvider } from "@openmls-ts/traits";
import { parseArgs } from "node:util";

const PROVIDERS: Readonly<Record<string, (() => CryptoProvider) | undefined>> = {
  noble: nobleCrypto,
  node: nodeCrypto,
  webcrypto: webCrypto,
};

/** What the command line asks for. */
export interface Options {
  readonly suite: number;
  readonly suiteName: string;
  /** Makes a fresh provider, as each start of a program would. */
  readonly newCrypto: () => CryptoProvider;
}

/** A command line that makes no sense; the message says what would. */
export class UsageError extends Error {}

export const HELP: string = `Three people and one group, told step by step.

  npm start -- [--suite N] [--crypto NAME]

  --suite N      cipher suite of RFC 9420 §17.1 (default: 1)
${suiteList(CIPHER_SUITES.map(({ id }) => id))}
  --crypto NAME  where the cryptography comes from (default: node)
                   noble      pure JavaScript, @noble/*
                   node       node:crypto, OpenSSL
                   webcrypto  SubtleCrypto of this runtime
  --help         this text

Exit code: 0 if every claim in the transcript held, 1 if one did not, 2 for a wrong command line.`;

/** Reads the command line; `undefined` asks for help. @throws UsageError that lists the right values */
export async function readOptions(args: readonly string[]): Promise<Options | undefined> {
  const { help, suite, crypto } = parse(args);
  if (help) {
    return undefined;
  }
  const newCrypto = Object.hasOwn(PROVIDERS, crypto) ? PROVIDERS[crypto] : undefined;
  if (newCrypto === undefined) {
    throw new UsageError(
      `--crypto ${crypto}: there is no such provider. One of: ${Object.keys(PROVIDERS).join(", ")}`,
    );
  }
  const supported = await newCrypto().supportedCipherSuites();
  const row = CIPHER_SUITES.find(({ id }) => String(id) === suite && supported.includes(id));
  if (row === undefined) {
    const text = `--suite ${suite}: ${crypto} has no such cipher suite here. One of:\n${suiteList(supported, 2)}`;
    throw new UsageError(text);
  }
  return { suite: row.id, suiteName: row.name, newCrypto };
}

function parse(args: readonly string[]): { help: boolean; suite: string; crypto: string } {
  const [first = ""] = args;
  if (/^\w+$/u.test(first)) {
    // npm keeps the name of an option that stands before "--", and passes its value on
    const option = /^\d+$/u.test(first) ? "--suite" : "--crypto";
    throw new UsageError(
      `npm takes options for itself unless "--" stands before them. Type:\n\n  npm start -- ${option} ${first}`,
    );
  }
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        suite: { type: "string", default: "1" },
        crypto: { type: "string", default: "node" },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

function suiteList(ids: readonly number[], indent = 19): string {
  return CIPHER_SUITES.filter(({ id }) => ids.includes(id))
    .sort((a, b) => a.id - b.id)
    .map(({ id, name }) => `${" ".repeat(indent)}${id}  ${name}`)
    .join("\n");
}
