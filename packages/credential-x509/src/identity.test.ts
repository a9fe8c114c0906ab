import "./x509.ts";
import { SubjectAlternativeNameExtension } from "@peculiar/x509";
import { type CredentialSubject, refusalOf, ruleOf, type Verdict } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import { byCredentialType, x509Credentials, x509IdentityOf, x509Validator } from "./index.ts";
import { certify, memberExtensions, type Party, party, rootOf } from "./testing/authority.ts";
import { subjectFor } from "./testing/subjects.ts";

let root: Party;
let ann: Party;
let anchors: Uint8Array[];
beforeAll(async () => {
  [root, ann] = [await party("Root"), await party("Ann")];
  anchors = [await rootOf(root)];
});

const names = (...list: [type: "email" | "dns" | "url", value: string][]): SubjectAlternativeNameExtension =>
  new SubjectAlternativeNameExtension(list.map(([type, value]) => ({ type, value })));

async function withNames(
  extension: SubjectAlternativeNameExtension,
  subject?: string,
): Promise<CredentialSubject> {
  const choice = { extensions: [extension], ...(subject === undefined ? {} : { subject }) };
  return subjectFor(ann, [await certify(root, ann, choice)]);
}

const refusedBecause = (reason: string): unknown => expect.objectContaining({ allowed: false, reason });

describe("the identity in a certificate", () => {
  it("stands where the application looks for it", async () => {
    const subject = await withNames(
      names(["email", "ann@example.org"], ["dns", "phone.example.org"], ["url", "mls:ann"]),
    );
    const sources = ["uri", "email", "dns", "commonName"] as const;
    const found = sources.map((source) => x509IdentityOf(subject, source));
    expect(found).toEqual(["mls:ann", "ann@example.org", "phone.example.org", "Ann"]);
    const credential = { credentialType: 2, certificates: subject.certificates };
    expect(x509IdentityOf({ leafNode: { credential } }, "uri")).toBe("mls:ann");
    expect(x509IdentityOf({ credential: { credentialType: 1, identity: new Uint8Array(3) } }, "uri")).toBe(
      undefined,
    );
    expect(x509IdentityOf({ credentialType: 2, certificates: [new Uint8Array(3)] }, "uri")).toBe(undefined);
  });

  it("is one, and can be shown", async () => {
    const validator = x509Validator({ anchors, identity: "email" });
    const reason = "the first certificate has not one email that could be its identity";
    for (const extension of [
      names(["dns", "phone.example.org"]),
      names(["email", "ann@example.org"], ["email", "eve@example.org"]),
      names(["email", "ann@example.org\u0000.evil.example"]),
      names(["email", ""]),
    ]) {
      const subject = await withNames(extension);
      expect(x509IdentityOf(subject, "email")).toBeUndefined();
      expect(await validator.validate(subject)).toEqual(refusedBecause(reason));
    }
    const twoNames = await withNames(names(["email", "ann@example.org"]), "CN=Ann, CN=Eve");
    expect(x509IdentityOf(twoNames, "commonName")).toBeUndefined();
  });

  it("is put to the application", async () => {
    const seen: string[] = [];
    const accept = async (identity: string): Promise<Verdict> => {
      seen.push(identity);
      return { allowed: false, reason: "on the list" };
    };
    const validator = x509Validator({ anchors, identity: "email", accept });
    const subject = await withNames(names(["email", "ann@example.org"]));
    expect(refusalOf(await validator.validate(subject))).toBe("on the list");
    expect(
      refusalOf(await validator.validate({ ...subject, signaturePublicKey: new Uint8Array(65) })),
    ).toMatch(/another key/);
    expect(seen).toEqual(["ann@example.org"]);
  });
});

describe("a successor (rfc16)", () => {
  it("has the same identity", async () => {
    const validator = x509Validator({ anchors, identity: "email" });
    const [old, same, other, none] = await Promise.all(
      ["ann@example.org", "ann@example.org", "eve@example.org", ""].map(async (email) =>
        withNames(names(["email", email])),
      ),
    );
    expect(await validator.isSuccessor(old!, same!)).toBe(true);
    const refused = refusedBecause("the certificate is another identity's");
    expect(await validator.isSuccessor(old!, other!)).toEqual(refused);
    expect(await validator.isSuccessor(none!, none!)).toEqual(refused);
    expect(await validator.isSuccessor({ ...old!, credentialType: 1 }, same!)).toEqual(refused);
  });
});

describe("many at once", () => {
  it("get each their verdict, as one by one", async () => {
    let failing = false;
    const accept = async (): Promise<Verdict> =>
      failing ? Promise.reject(new Error("offline")) : Promise.resolve(true);
    const validator = x509Validator({ anchors, identity: "email", accept });
    const good = await withNames(memberExtensions("ann@example.org")[1] as SubjectAlternativeNameExtension);
    const subjects = [good, { ...good, certificates: [] }, good];
    const verdicts = await validator.validateAll(subjects);
    expect(verdicts).toEqual(await Promise.all(subjects.map(async (one) => validator.validate(one))));
    expect(verdicts.map(ruleOf)).toEqual([undefined, "rfc15", undefined]);
    failing = true;
    expect((await validator.validateAll(subjects)).map(refusalOf)).toEqual([
      "the validator failed",
      "it has no certificate",
      "the validator failed",
    ]);
  });
});

describe("validators by credential type", () => {
  const basic = { credentialType: 1, encoded: Uint8Array.of(1) } as CredentialSubject;
  const other = { ...basic, credentialType: 3 };
  const yes = { validate: async () => Promise.resolve(true) };

  it("judge what is theirs", async () => {
    const both = byCredentialType({ 1: yes, 2: x509Validator({ anchors, identity: "email" }) });
    const good = await withNames(names(["email", "ann@example.org"]));
    const unknown = refusedBecause("nobody here judges credentials of this type");
    expect(await Promise.all([basic, good, other].map(both.validate))).toEqual([true, true, unknown]);
    expect(await both.validateAll([good, other, basic, good])).toEqual([true, unknown, true, true]);
    expect(await both.validateAll([])).toEqual([]);
  });

  it("fail alone", async () => {
    const broken = { validate: async () => Promise.reject(new Error("offline")) };
    const short = { ...broken, validateAll: async () => Promise.resolve([true]) };
    const failed = refusedBecause("the validator failed");
    expect(await byCredentialType({ 1: broken, 3: yes }).validateAll([basic, other])).toEqual([failed, true]);
    expect(await byCredentialType({ 1: short, 3: yes }).validateAll([basic, other, basic])).toEqual([
      failed,
      true,
      failed,
    ]);
  });

  it("keep the type of a member's credential, unless told otherwise", async () => {
    const both = byCredentialType({ 1: yes, 3: yes });
    expect(await both.isSuccessor(basic, basic)).toBe(true);
    expect(await both.isSuccessor(basic, { ...basic, encoded: Uint8Array.of(2) })).toBe(false);
    expect(await both.isSuccessor(basic, other)).toEqual(
      refusedBecause("the type of the credential changed"),
    );
    const open = byCredentialType({ 1: yes, 3: yes }, async () => Promise.resolve(true));
    expect(await open.isSuccessor(basic, other)).toBe(true);
    expect(await byCredentialType({}).isSuccessor(basic, basic)).toBe(false);
  });
});

describe("careless callers", () => {
  it("are told what is wrong", async () => {
    const wrong = async (options: unknown): Promise<unknown> =>
      Promise.resolve().then(() => x509Validator(options as never));
    const certificate = anchors[0]!;
    for (const [options, text] of [
      [undefined, /^options.anchors is undefined/],
      [{ anchors: [], identity: "email" }, /^options.anchors is Array/],
      [{ anchors: [Uint8Array.of(1)], identity: "email" }, /^options.anchors\[0\] is no certificate/],
      [{ anchors: ["x"], identity: "email" }, /^options.anchors\[0\] is string/],
      [{ anchors: [certificate] }, /^options.identity is undefined/],
      [{ anchors: [certificate], identity: "phone" }, /^options.identity is string/],
      [{ anchors: [certificate], identity: "email", at: 5 }, /^options.at is number/],
      [{ anchors: [certificate], identity: "email", crypto: {} }, /^options.crypto is Object/],
      [{ anchors: [certificate], identity: "email", accept: true }, /^options.accept is boolean/],
      [{ anchors: [certificate], identity: "email", maxChainLength: 0 }, /^options.maxChainLength/],
    ] as const) {
      const message: unknown = expect.stringMatching(text);
      await expect(wrong(options)).rejects.toThrow(
        expect.objectContaining({ code: "ERR_MLS_USAGE", message }) as Error,
      );
    }
    expect(() => byCredentialType({ 1: {} as never })).toThrow(/validators\[1\].validate is undefined/);
    expect(() => x509IdentityOf(basicOf(), "name" as never)).toThrow(/^source is string/);
  });

  const basicOf = (): { credentialType: number } => ({ credentialType: 1 });

  it("list the type where they use it", () => {
    expect(x509Credentials()).toEqual({ name: "x509", objects: { capabilities: { credentials: [2] } } });
  });
});
