import type { CipherSuite } from "@openmls-ts/traits";
import { concatBytes, equalBytes, hexToBytes, utf8 } from "@openmls-ts/traits";
import { check, checkBytes, checkThrows, embedded } from "../case.ts";
import type { CryptoConformanceCase } from "./context.ts";
import { suiteCases } from "./context.ts";
import { INPUTS } from "./known-inputs.ts";

const EMPTY = new Uint8Array(0);

/** The synchronous calls with some input each, for requirements that all of them share. */
function calls(suite: CipherSuite): readonly (readonly [string, (input: Uint8Array) => Uint8Array])[] {
  const key = new Uint8Array(suite.params.kdf.hashLength).fill(3);
  return [
    ["hash", (input) => suite.hash(input)],
    ["hmac", (input) => suite.hmac(input, utf8("data"))],
    ["hmac's data", (input) => suite.hmac(key, input)],
    ["hkdfExtract", (input) => suite.hkdfExtract(input, utf8("material"))],
    ["hkdfExtract's material", (input) => suite.hkdfExtract(key, input)],
    ["hkdfExpand's info", (input) => suite.hkdfExpand(key, input, suite.params.kdf.hashLength)],
    ["hkdfExpand", (input) => suite.hkdfExpand(input, utf8("info"), 32)],
  ];
}

/** Hash, HMAC, HKDF and random bytes: the synchronous part. */
export const hashCases: readonly CryptoConformanceCase[] = [
  ...suiteCases("hash, HMAC and HKDF give the known answers", async (suite, answers) => {
    const { message, key, longKey, salt, info } = INPUTS;
    checkBytes(suite.hash(EMPTY), hexToBytes(answers.hashOfNothing), "hash of nothing");
    checkBytes(suite.hash(message), hexToBytes(answers.hash), "hash");
    checkBytes(suite.hmac(key, message), hexToBytes(answers.hmac), "hmac");
    checkBytes(suite.hmac(longKey, message), hexToBytes(answers.hmacLongKey), "hmac with a long key");
    checkBytes(suite.hmac(EMPTY, EMPTY), hexToBytes(answers.hmacOfNothing), "hmac of nothing");
    checkBytes(suite.hkdfExtract(salt, message), hexToBytes(answers.extract), "hkdfExtract");
    checkBytes(suite.hkdfExtract(EMPTY, EMPTY), hexToBytes(answers.hmacOfNothing), "hkdfExtract of nothing");
    const pseudoRandomKey = hexToBytes(answers.extract);
    const expanded = suite.hkdfExpand(pseudoRandomKey, info, 100);
    checkBytes(expanded, hexToBytes(answers.expand), "hkdfExpand");
    const short = suite.hkdfExpand(key.subarray(0, 5), info, 16);
    checkBytes(short, hexToBytes(answers.expandShortKey), "hkdfExpand of a short key");
  }),
  ...suiteCases("HKDF-Expand gives 0 to 255 blocks and refuses other lengths", async (suite) => {
    const { hashLength } = suite.params.kdf;
    const key = new Uint8Array(hashLength).fill(9);
    const longest = suite.hkdfExpand(key, EMPTY, 255 * hashLength);
    for (const length of [0, 1, hashLength - 1, hashLength, hashLength + 1, 255 * hashLength]) {
      checkBytes(suite.hkdfExpand(key, EMPTY, length), longest.slice(0, length), `${length} bytes`);
    }
    for (const length of [255 * hashLength + 1, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      checkThrows("ERR_MLS_USAGE", () => suite.hkdfExpand(key, EMPTY, length), `length ${length}`);
    }
  }),
  ...suiteCases("the synchronous calls return fresh bytes, not promises", async (suite) => {
    for (const [name, call] of calls(suite)) {
      const input = new Uint8Array(suite.params.kdf.hashLength).fill(5);
      const first = call(input);
      check(first instanceof Uint8Array, `${name} returns a Uint8Array at once`);
      const expected = first.slice();
      first.fill(0);
      checkBytes(call(input), expected, `${name} after its earlier result was overwritten`);
      check(first.buffer !== input.buffer, `${name} does not return a view of its input`);
    }
    check(suite.randomBytes(1) instanceof Uint8Array, "randomBytes returns a Uint8Array at once");
  }),
  ...suiteCases("the synchronous calls take views and leave them unchanged", async (suite) => {
    for (const [name, call] of calls(suite)) {
      const plain = new Uint8Array(suite.params.kdf.hashLength).fill(6);
      const view = embedded(plain);
      const before = new Uint8Array(view.buffer).slice();
      checkBytes(call(view), call(plain), `${name} of a view`);
      check(equalBytes(new Uint8Array(view.buffer), before), `${name} leaves its input unchanged`);
    }
  }),
  ...suiteCases("hashing takes large inputs", async (suite) => {
    const block = new Uint8Array(1 << 16).fill(0x61);
    const large = concatBytes(...new Array<Uint8Array>(16).fill(block));
    check(suite.hash(large).length === suite.params.kdf.hashLength, "hash of 1 MiB");
    const changed = large.slice();
    changed[changed.length - 1] = 0;
    check(!equalBytes(suite.hash(large), suite.hash(changed)), "the last byte counts");
  }),
  ...suiteCases("randomBytes gives as many fresh bytes as asked for", async (suite) => {
    // 65536 is what one call of Web Crypto gives.
    for (const length of [0, 1, 32, 65536, 65537, 200_000]) {
      check(suite.randomBytes(length).length === length, `${length} random bytes`);
    }
    const large = suite.randomBytes(200_000);
    check(new Set(large.subarray(-4096)).size > 200, "the end of a large answer is filled, too");
    check(!equalBytes(suite.randomBytes(32), suite.randomBytes(32)), "two answers differ");
    for (const length of [-1, 0.5, Number.NaN]) {
      checkThrows("ERR_MLS_USAGE", () => suite.randomBytes(length), `${length} random bytes`);
    }
  }),
];
