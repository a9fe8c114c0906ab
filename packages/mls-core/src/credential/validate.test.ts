import { type CredentialSubject, utf8 } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import { type Environment, FeatureSet } from "../feature/index.ts";
import { mlsError, suiteOf } from "../testing/suites.ts";
import {
  basicCredential,
  customCredential,
  externalSendersExtension,
  newExternalSenders,
} from "../wire/index.ts";
import {
  judgeCredentials,
  type PresentedCredential,
  validateCredentials,
  validateSuccessor,
} from "./index.ts";

let suite: Environment["suite"];
beforeAll(async () => {
  suite = await suiteOf(1);
});

function envWith(validator: object): Environment {
  const features = new FeatureSet([]);
  return {
    provider: { credentialValidator: validator },
    features,
    suite,
    clock: { now: () => 7n },
  } as Environment;
}

function presented(name: string, leafIndex?: number): PresentedCredential {
  return {
    presented: { credential: basicCredential(utf8(name)), signatureKey: utf8(`key of ${name}`) },
    occasion: { groupId: utf8("group"), purpose: "add", leafIndex },
  };
}

const nameOf = ({ identity }: CredentialSubject): string => String.fromCharCode(...(identity ?? []));

describe("judging credentials (RFC 9420 §5.3.1)", () => {
  const items = ["ann", "bob", "eve"].map((name, at) => presented(name, at));
  const allow = (subject: CredentialSubject): boolean | object =>
    nameOf(subject) === "eve" ? { allowed: false, reason: "left the company" } : { allowed: true };

  it("asks once for many, where the validator takes that", async () => {
    const asked: string[][] = [];
    const env = envWith({
      validate: async () => Promise.reject(new Error("not asked")),
      validateAll: async (subjects: readonly CredentialSubject[]) => {
        asked.push(subjects.map(nameOf));
        return subjects.map(allow);
      },
    });
    const errors = await judgeCredentials(env, items);
    expect(asked).toEqual([["ann", "bob", "eve"]]);
    expect(errors.map((error) => error?.code)).toEqual([undefined, undefined, "ERR_MLS_CREDENTIAL_REJECTED"]);
    expect(await judgeCredentials(env, [])).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it("asks one by one elsewhere, and a few at a time", async () => {
    let open = 0;
    let most = 0;
    const env = envWith({
      validate: async (subject: CredentialSubject) => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 0));
        open--;
        return allow(subject);
      },
    });
    const many = Array.from({ length: 200 }, (_, i) => presented(`member ${i}`, i));
    expect(await judgeCredentials(env, [...many, items[2]!])).toHaveLength(201);
    expect(most).toBeLessThanOrEqual(64);
    await expect(validateCredentials(env, items.slice(0, 2))).resolves.toBeUndefined();
  });

  it("says whose it was, what for, and why", async () => {
    const env = envWith({ validate: async (subject: CredentialSubject) => allow(subject) });
    const details = { leafIndex: 2, identity: utf8("eve"), purpose: "add", reason: "left the company" };
    await expect(validateCredentials(env, items)).rejects.toThrow(
      expect.objectContaining({ code: "ERR_MLS_CREDENTIAL_REJECTED", rule: "valn0101", details }) as Error,
    );
    await expect(validateCredentials(env, items)).rejects.toThrow(
      /identity 0x657665 at leaf 2 .*\(add\): left the company/,
    );
  });

  it("names the rule that the validator names", async () => {
    const verdict = { allowed: false, reason: "another key", rule: "rfc15" };
    const refused = mlsError("ERR_MLS_CREDENTIAL_REJECTED", "rfc15");
    const one = await judgeCredentials(envWith({ validate: async () => verdict }), [items[0]!]);
    expect(one).toEqual([refused]);
    const batch = envWith({ validateAll: async () => [true, verdict] });
    expect(await judgeCredentials(batch, items.slice(0, 2))).toEqual([undefined, refused]);
    const isSuccessor = async (): Promise<object> => verdict;
    const { presented: ann, occasion } = presented("ann", 1);
    await expect(validateSuccessor(envWith({ isSuccessor }), ann, ann, occasion)).rejects.toThrow(refused);
  });

  it("knows no identity where there is none", async () => {
    const env = envWith({ validate: async () => false });
    const custom = { ...presented("x").presented, credential: customCredential(0xf001, utf8("who")) };
    const occasion = { groupId: utf8("group"), purpose: "external-sender" } as const;
    const [error] = await judgeCredentials(env, [{ presented: custom, occasion }]);
    expect(error).toMatchObject({ rule: "rfc17", details: { purpose: "external-sender" } });
    expect(Object.keys(error!.details!)).toEqual(["purpose"]);
  });

  it.each<readonly [string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a truthy object", {}],
    ["the word", "true"],
    ["one", 1],
    ["a promise inside", { allowed: Promise.resolve(true) }],
    ["allowed as a word", { allowed: "true" }],
  ])("takes only yes for yes (trap45): %s", async (_, answer) => {
    const refused = [mlsError("ERR_MLS_CREDENTIAL_REJECTED", "valn0101")];
    expect(await judgeCredentials(envWith({ validate: async () => answer }), [items[0]!])).toEqual(refused);
    const batch = envWith({ validateAll: async () => [answer, true] });
    expect(await judgeCredentials(batch, items.slice(0, 2))).toEqual([...refused, undefined]);
  });

  it("refuses all when the batch fails, or its answer does not fit", async () => {
    const refusal = mlsError("ERR_MLS_CREDENTIAL_REJECTED", "valn0101");
    for (const validateAll of [
      async () => Promise.reject(new Error("offline")),
      () => {
        throw new Error("broken");
      },
      async () => [true, true],
      async () => true,
      async () => ({ length: 3, 0: true, 1: true, 2: true }),
    ]) {
      expect(await judgeCredentials(envWith({ validateAll }), items)).toEqual([refusal, refusal, refusal]);
    }
  });

  it("keeps what it handed out apart from what it judges", async () => {
    const item = presented("ann");
    const validate = async (subject: CredentialSubject): Promise<boolean> => (
      subject.identity!.fill(0),
      true
    );
    await validateCredentials(envWith({ validate }), [item]);
    expect(item).toEqual(presented("ann"));
  });
});

describe("successors (RFC 9420 §5.3.1)", () => {
  const { presented: ann, occasion } = presented("ann", 1);
  const { presented: eve } = presented("eve");

  it("are the same credential, unless the application says otherwise (rfc16)", async () => {
    await expect(validateSuccessor(envWith({}), ann, ann, occasion)).resolves.toBeUndefined();
    const refusal = mlsError("ERR_MLS_CREDENTIAL_REJECTED", "rfc16");
    await expect(validateSuccessor(envWith({}), ann, eve, occasion)).rejects.toThrow(refusal);
    const isSuccessor = async (): Promise<object> => ({ allowed: true });
    await expect(validateSuccessor(envWith({ isSuccessor }), ann, eve, occasion)).resolves.toBeUndefined();
    const failing = async (): Promise<never> => Promise.reject(new Error("offline"));
    await expect(validateSuccessor(envWith({ isSuccessor: failing }), ann, ann, occasion)).rejects.toThrow(
      refusal,
    );
  });

  it("name the rule of external commits (trap20)", async () => {
    const joining = { ...occasion, purpose: "external-join" } as const;
    const refusal = mlsError("ERR_MLS_CREDENTIAL_REJECTED", "trap20");
    await expect(validateSuccessor(envWith({}), ann, eve, joining)).rejects.toThrow(refusal);
  });
});

describe("external senders", () => {
  const [ann, bob, eve] = ["ann", "bob", "eve"].map((name) => presented(name).presented);

  it("are new when credential or key is (rfc17)", () => {
    const listOf = (...senders: readonly (typeof ann)[]): Parameters<typeof newExternalSenders>[0] => [
      externalSendersExtension(senders.map((sender) => sender!)),
    ];
    expect(newExternalSenders(listOf(ann, bob), listOf(bob, eve, ann))).toEqual([eve]);
    const rekeyed = { ...bob!, signatureKey: utf8("another") };
    expect(newExternalSenders(listOf(ann, bob), listOf(ann, rekeyed))).toEqual([rekeyed]);
    expect(newExternalSenders([], listOf(ann))).toEqual([ann]);
    expect(newExternalSenders(listOf(ann), [])).toEqual([]);
  });
});
