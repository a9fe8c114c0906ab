import type { CipherSuiteId, CipherSuiteParams } from "@openmls-ts/traits";
import type { ConformanceCase } from "../../case.ts";
import type { WycheproofFile, WycheproofTest, WycheproofTestGroup } from "./format.ts";
import type { WycheproofJudge, WycheproofSubject } from "./judges.ts";
import { JUDGES } from "./judges.ts";

export type { WycheproofGroup, WycheproofSubject } from "./judges.ts";

/** The Wycheproof files that have something to say about a suite, and the suites to run them with. */
export const wycheproofFiles: readonly {
  readonly file: string;
  readonly suites: readonly CipherSuiteId[];
}[] = [
  { file: "aes_gcm_test.json", suites: [1, 5] },
  { file: "chacha20_poly1305_test.json", suites: [3] },
  { file: "ecdh_secp256r1_ecpoint_test.json", suites: [2] },
  { file: "ecdh_secp384r1_ecpoint_test.json", suites: [7] },
  { file: "ecdh_secp521r1_ecpoint_test.json", suites: [5] },
  { file: "ecdsa_secp256r1_sha256_test.json", suites: [2] },
  { file: "ecdsa_secp384r1_sha384_test.json", suites: [7] },
  { file: "ecdsa_secp521r1_sha512_test.json", suites: [5] },
  { file: "ed25519_test.json", suites: [1] },
  { file: "ed448_test.json", suites: [4] },
  { file: "hkdf_sha256_test.json", suites: [1] },
  { file: "hkdf_sha384_test.json", suites: [7] },
  { file: "hkdf_sha512_test.json", suites: [5] },
  { file: "hmac_sha256_test.json", suites: [1] },
  { file: "hmac_sha384_test.json", suites: [7] },
  { file: "hmac_sha512_test.json", suites: [5] },
  { file: "x25519_test.json", suites: [1] },
  { file: "x448_test.json", suites: [4] },
];

/**
 * The tests of one Wycheproof file that concern a suite: a case for every group of tests whose parameters it uses.
 * @param fileName for the names of the cases
 * @param file what `JSON.parse` made of the file
 * @throws TypeError if nothing in the file concerns the suite, so that no run is green because it was empty
 */
export function wycheproofCases(
  fileName: string,
  file: unknown,
  params: CipherSuiteParams,
): readonly ConformanceCase<WycheproofSubject>[] {
  const cases = (file as WycheproofFile).testGroups.flatMap((group, index) => {
    const judge = JUDGES[group.type];
    if (judge === undefined) {
      throw new TypeError(`${fileName} has tests of an unknown type, ${group.type}`);
    }
    const name = `${fileName}, group ${index + 1} (${group.tests.length} tests)`;
    return judge.applies(params, group) ? [groupCase(name, judge, group)] : [];
  });
  if (cases.length === 0) {
    throw new TypeError(`${fileName} has no test for suite ${params.id}`);
  }
  return cases;
}

function groupCase(
  name: string,
  judge: WycheproofJudge,
  group: WycheproofTestGroup,
): ConformanceCase<WycheproofSubject> {
  return {
    name,
    async run(subject) {
      const failures: string[] = [];
      for (const test of group.tests) {
        const expected = judge.expects(test);
        if ((await judge.succeeds(subject, test, group)) !== expected) {
          failures.push(describe(test, expected));
        }
      }
      if (failures.length > 0) {
        throw new Error(`${failures.length} of ${group.tests.length} tests failed:\n${failures.join("\n")}`);
      }
    },
  };
}

function describe({ tcId, comment, result }: WycheproofTest, expected: boolean): string {
  return `  ${tcId} (${result}, ${comment}) ${expected ? "was refused" : "was accepted"}`;
}
