import "./x509.ts";
import { BasicConstraintsExtension, ExtendedKeyUsageExtension, Extension } from "@peculiar/x509";
import { concatBytes, refusalOf, ruleOf, type Verdict } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import { x509Validator, type X509Options } from "./index.ts";
import {
  authorityExtensions,
  certify,
  memberExtensions,
  NOW,
  party,
  rawKey,
  rootOf,
  USAGE,
  VALID,
} from "./testing/authority.ts";
import { type Chain, type ChainChoice, chainOf, subjectFor } from "./testing/subjects.ts";

let good: Chain;
beforeAll(async () => {
  good = await chainOf();
});

function options(chain: Chain, overrides: Partial<X509Options> = {}): X509Options {
  return { anchors: [chain.rootCertificate], identity: "email", ...overrides };
}

/** A verdict on Ann's credential with the usual chain, under unusual options. */
async function verdictOn(
  chain: Chain,
  certificates: readonly Uint8Array[],
  overrides: Partial<X509Options> = {},
): Promise<Verdict> {
  return x509Validator(options(chain, overrides)).validate(await subjectFor(chain.ann, certificates));
}

const usual = ({ annCertificate, middleCertificate }: Chain): Uint8Array[] => [
  annCertificate,
  middleCertificate,
];

function expectRefused(verdict: Verdict, rule: string, reason: string): void {
  expect({ rule: ruleOf(verdict), reason: refusalOf(verdict) }).toEqual({ rule, reason });
}

describe("a chain that holds", () => {
  it("may omit the root, have it, or omit an authority that is known", async () => {
    expect(await verdictOn(good, usual(good))).toBe(true);
    expect(await verdictOn(good, [...usual(good), good.rootCertificate])).toBe(true);
    const intermediates = [good.middleCertificate];
    expect(await verdictOn(good, [good.annCertificate], { intermediates })).toBe(true);
    expectRefused(
      await verdictOn(good, [good.annCertificate]),
      "trap46",
      "no trust anchor vouches for the chain",
    );
  });

  it("may be the certificate of somebody who is trusted for herself", async () => {
    expect(await verdictOn(good, [good.annCertificate], { anchors: [good.annCertificate] })).toBe(true);
  });

  it.each(["Ed25519", "P-256", "P-384", "P-521", "Ed448"] as const)(
    "is for a leaf key on %s",
    async (kind) => {
      const [root, ann] = [await party("Root", "P-384"), await party("Ann", kind)];
      const anchors = [await rootOf(root)];
      const certificate = await certify(root, ann, { extensions: memberExtensions("ann@example.org") });
      const validator = x509Validator({ anchors, identity: "email" });
      expect(await validator.validate(await subjectFor(ann, [certificate]))).toBe(true);
      const wrongSuite = await subjectFor(ann, [certificate], { cipherSuite: kind === "Ed25519" ? 2 : 1 });
      expect(ruleOf(await validator.validate(wrongSuite))).toBe("rfc15");
    },
  );

  it.each(["Ed25519", "P-256", "P-384", "P-521", "RSA"] as const)(
    "is verified by the algorithm of its issuer: %s (trap46)",
    async (kind) => {
      const [root, ann] = [await party("Root", kind), await party("Ann", "P-256")];
      const anchors = [await rootOf(root)];
      const certificate = await certify(root, ann, { extensions: memberExtensions("ann@example.org") });
      const subject = await subjectFor(ann, [certificate]);
      expect(await x509Validator({ anchors, identity: "email" }).validate(subject)).toBe(true);
    },
  );
});

const unknownExtension = new Extension("1.2.3.4", true, Uint8Array.of(5, 0));
const { notBefore, notAfter } = VALID;
const now = Number(NOW);

describe("a chain that does not hold is refused (trap46)", () => {
  it.each<readonly [string, ChainChoice, reason: string]>([
    ["an end entity expired by a second", { ann: { notAfter: now - 1 } }, "certificate 0 has expired"],
    ["one not valid for another second", { ann: { notBefore: now + 1 } }, "certificate 0 is not valid yet"],
    ["an expired authority", { middle: { notAfter: now - 1 } }, "certificate 1 has expired"],
    ["an expired root", { root: { notAfter: now - 1 } }, "certificate 2 has expired"],
    [
      "an authority without constraints",
      { middle: { extensions: [] } },
      "certificate 1 is not an authority's",
    ],
    [
      "an authority without CA flag",
      { middle: { extensions: [new BasicConstraintsExtension(false)] } },
      "certificate 1 is not an authority's",
    ],
    [
      "an authority that may not sign certificates",
      { middle: { extensions: authorityExtensions(undefined, USAGE.digitalSignature) } },
      "certificate 1 may not be used to sign certificates",
    ],
    [
      "a root that allows no authority below it",
      { root: { extensions: authorityExtensions(0) } },
      "certificate 2 allows only 0 authorities below it",
    ],
    [
      "an end entity whose key is not for signatures",
      { ann: { extensions: memberExtensions("ann@example.org", USAGE.keyEncipherment) } },
      "certificate 0 may not be used for digital signatures",
    ],
    [
      "an end entity for other purposes",
      { ann: { more: [new ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1"])] } },
      "certificate 0 is for other purposes",
    ],
    [
      "an unknown critical extension",
      { ann: { more: [unknownExtension] } },
      "certificate 0 has the unknown critical extension 1.2.3.4",
    ],
    [
      "an unknown critical extension of an authority",
      { middle: { extensions: [...authorityExtensions(), unknownExtension] } },
      "certificate 1 has the unknown critical extension 1.2.3.4",
    ],
    [
      "an extension twice",
      {
        middle: {
          more: [...authorityExtensions(), new Extension("2.5.29.30", false, Uint8Array.of(0x30, 0))],
        },
      },
      "certificate 1 has extension 2.5.29.19 twice",
    ],
    [
      "name constraints of a root",
      { root: { more: [new Extension("2.5.29.30", true, Uint8Array.of(0x30, 0))] } },
      "certificate 2 has name constraints, which are not supported",
    ],
    [
      "another issuer's name",
      { ann: { issuer: "CN=Other" } },
      "certificate 1 does not certify the one before it",
    ],
    ["a signature over SHA-1", { middle: { hash: "SHA-1" } }, "no trust anchor vouches for the chain"],
  ])("%s", async (_, choice, reason) => {
    const chain = await chainOf(choice);
    expectRefused(await verdictOn(chain, usual(chain)), "trap46", reason);
  });

  it("two authorities where one is allowed", async () => {
    const [root, one, two, ann] = [
      await party("Root"),
      await party("One"),
      await party("Two"),
      await party("Ann"),
    ];
    const annCertificate = await certify(two, ann, { extensions: memberExtensions("ann@example.org") });
    const twoCertificate = await certify(one, two, { extensions: authorityExtensions() });
    const judge = async (pathLength: number): Promise<Verdict> => {
      const anchors = [await rootOf(root)];
      const oneCertificate = await certify(root, one, { extensions: authorityExtensions(pathLength) });
      const subject = await subjectFor(ann, [annCertificate, twoCertificate, oneCertificate]);
      return x509Validator({ anchors, identity: "email" }).validate(subject);
    };
    expect(await judge(1)).toBe(true);
    expectRefused(await judge(0), "trap46", "certificate 2 allows only 0 authorities below it");
  });

  it("certificates in the wrong order (rfc15)", async () => {
    const { annCertificate, middleCertificate, rootCertificate } = good;
    const swapped = await verdictOn(good, [middleCertificate, annCertificate]);
    expectRefused(swapped, "rfc15", "the first certificate is for another key than the leaf's");
    const gap = await verdictOn(good, [annCertificate, rootCertificate, middleCertificate]);
    expectRefused(gap, "trap46", "certificate 1 does not certify the one before it");
  });

  it("an authority of the right name with another key", async () => {
    const double = await party("Middle");
    const forged = await certify(double, good.ann, { extensions: memberExtensions("eve@example.org") });
    const verdict = await verdictOn(good, [forged, good.middleCertificate]);
    expectRefused(verdict, "trap46", "certificate 1 did not sign the one before it");
  });

  it("somebody who calls herself the root", async () => {
    const eve = await party("Root");
    const forged = await certify(eve, good.ann, { extensions: memberExtensions("eve@example.org") });
    for (const chain of [[forged], [forged, await rootOf(eve)]]) {
      expectRefused(await verdictOn(good, chain), "trap46", "no trust anchor vouches for the chain");
    }
  });

  it("any changed octet", async () => {
    const { annCertificate, middleCertificate } = good;
    const validator = x509Validator(options(good));
    for (let at = 0; at < annCertificate.length; at += 7) {
      const changed = annCertificate.slice();
      changed[at]! ^= 0x01;
      const verdict = await validator.validate(await subjectFor(good.ann, [changed, middleCertificate]));
      expect(refusalOf(verdict), `octet ${at}`).toBeTypeOf("string");
    }
  });

  it("weak or huge RSA keys are no authority's", async () => {
    const { webcrypto } = await import("node:crypto");
    const weak = await webcrypto.subtle.generateKey(
      {
        name: "RSASSA-PKCS1-v1_5",
        hash: "SHA-256",
        publicExponent: Uint8Array.of(1, 0, 1),
        modulusLength: 1024,
      },
      true,
      ["sign", "verify"],
    );
    const root = { name: "CN=Weak", kind: "RSA", keys: weak } as const;
    const ann = await party("Ann");
    const certificate = await certify(root, ann, { extensions: memberExtensions("ann@example.org") });
    const validator = x509Validator({ anchors: [await rootOf(root)], identity: "email" });
    expect(ruleOf(await validator.validate(await subjectFor(ann, [certificate])))).toBe("trap46");
  });
});

describe("credentials of any form", () => {
  it("for another key (rfc15)", async () => {
    const mallory = await party("Mallory");
    const subject = await subjectFor(mallory, usual(good));
    expectRefused(
      await x509Validator(options(good)).validate(subject),
      "rfc15",
      "the first certificate is for another key than the leaf's",
    );
    const short = { signaturePublicKey: (await rawKey(good.ann)).subarray(1) };
    const cut = await subjectFor(good.ann, usual(good), short);
    expect(ruleOf(await x509Validator(options(good)).validate(cut))).toBe("rfc15");
  });

  it.each<readonly [string, () => readonly Uint8Array[], rule: string, reason: string]>([
    ["no certificate", () => [], "rfc15", "it has no certificate"],
    ["an empty one", () => [new Uint8Array()], "trap46", "certificate 0 cannot be read"],
    ["garbage", () => [Uint8Array.of(0x30, 3, 1, 2, 3)], "trap46", "certificate 0 cannot be read"],
    [
      "garbage above",
      () => [good.annCertificate, Uint8Array.of(0x30, 0)],
      "trap46",
      "certificate 1 cannot be read",
    ],
    [
      "octets after the certificate",
      () => [concatBytes(good.annCertificate, Uint8Array.of(0))],
      "trap46",
      "certificate 0 cannot be read",
    ],
    [
      "PEM",
      () => [
        new TextEncoder().encode(
          `-----BEGIN CERTIFICATE-----\n${Buffer.from(good.annCertificate).toString("base64")}\n-----END CERTIFICATE-----`,
        ),
      ],
      "trap46",
      "certificate 0 cannot be read",
    ],
    [
      "hex",
      () => [new TextEncoder().encode(Buffer.from(good.annCertificate).toString("hex"))],
      "trap46",
      "certificate 0 cannot be read",
    ],
    ["nesting without end", () => [nested(2000)], "trap46", "certificate 0 cannot be read"],
    [
      "a thousand certificates",
      () => Array.from({ length: 1000 }, () => good.annCertificate),
      "trap46",
      "it has more than 8 certificates",
    ],
    ["a huge one", () => [new Uint8Array(8193)], "trap46", "certificate 0 is longer than 8192 bytes"],
  ])("%s", async (_, certificates, rule, reason) => {
    expectRefused(await verdictOn(good, certificates()), rule, reason);
  });

  function nested(depth: number): Uint8Array {
    let der = Uint8Array.of(5, 0);
    for (let i = 0; i < depth; i++) {
      const { length } = der;
      der = concatBytes(
        length < 128
          ? Uint8Array.of(0x30, length)
          : length < 256
            ? Uint8Array.of(0x30, 0x81, length)
            : Uint8Array.of(0x30, 0x82, length >> 8, length & 255),
        der,
      ) as Uint8Array<ArrayBuffer>;
    }
    return der;
  }

  it("of another type", async () => {
    const subject = await subjectFor(good.ann, usual(good), { credentialType: 1, certificates: undefined });
    expect(refusalOf(await x509Validator(options(good)).validate(subject))).toBe("it is no X.509 credential");
  });

  it("of a suite that nobody knows, unless its row is given", async () => {
    const { cipherSuiteParams } = await import("@openmls-ts/traits");
    const cipherSuites = [{ ...cipherSuiteParams(2)!, id: 0xf123 }];
    const subject = await subjectFor(good.ann, usual(good), { cipherSuite: 0xf123 });
    expect(ruleOf(await x509Validator(options(good)).validate(subject))).toBe("rfc15");
    expect(await x509Validator(options(good, { cipherSuites })).validate(subject)).toBe(true);
  });
});

describe("time and purposes are options", () => {
  it("the time of the provider, a fixed one, or one by subject", async () => {
    const late = await subjectFor(good.ann, usual(good), { now: BigInt(notAfter) + 1n });
    expect(refusalOf(await x509Validator(options(good)).validate(late))).toBe("certificate 0 has expired");
    expect(await x509Validator(options(good, { at: NOW })).validate(late)).toBe(true);
    expect(await x509Validator(options(good, { at: ({ now: then }) => then - 1n })).validate(late)).toBe(
      true,
    );
    const edge = async (at: number): Promise<Verdict> =>
      x509Validator(options(good, { at: BigInt(at) })).validate(late);
    expect(await Promise.all([edge(notBefore), edge(notAfter)])).toEqual([true, true]);
    expect(refusalOf(await edge(notBefore - 1))).toBe("certificate 0 is not valid yet");
  });

  it("purposes that are accepted", async () => {
    const mine = "1.3.6.1.4.1.99999.1";
    const chain = await chainOf({
      ann: { more: [new ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1", mine], true)] },
    });
    expect(ruleOf(await verdictOn(chain, usual(chain)))).toBe("trap46");
    expect(await verdictOn(chain, usual(chain), { purposes: [mine] })).toBe(true);
  });
});
