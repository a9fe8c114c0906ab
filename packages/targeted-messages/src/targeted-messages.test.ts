import { decode, encode, type GroupAccess, type MlsGroup, MlsMessage } from "@openmls-ts/mls-core";
import { bytesToHex, type CryptoProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { begin, company, type Member, outsider, restart } from "../../extensions/src/testing/company.ts";
import { providers } from "../../extensions/src/testing/providers.ts";
import { joinFrom, keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { type TargetedMessages, targetedMessages, type TargetedMessagesOptions } from "./index.ts";
import { seal } from "./seal.ts";
import { targetedMessage } from "./wire.ts";

const HEADER = 4;

async function cast(crypto?: CryptoProvider, options?: TargetedMessagesOptions, maxPastEpochs = 0) {
  const targeted = targetedMessages(options);
  const all = await company(["alice", "bob", "carol"], {
    ...(crypto === undefined ? {} : { crypto }),
    features: [targeted],
    config: { maxPastEpochs },
  });
  return { ...all, targeted };
}

const to = (member: Member): number => member.group.ownLeafIndex;

/** Changes fields of a message. */
function changed(message: Uint8Array, change: Partial<ReturnType<typeof parse>>): Uint8Array {
  const bytes = encode(targetedMessage, { ...parse(message), ...change });
  return new Uint8Array([...message.slice(0, HEADER), ...bytes]);
}

function parse(message: Uint8Array) {
  return decode(targetedMessage, message.slice(HEADER));
}

async function next(alice: Member, ...others: readonly Member[]): Promise<void> {
  const { commit } = await alice.group.selfUpdate(alice.signer);
  await alice.group.mergePendingCommit();
  await begin(commit, ...others);
}

describe.each(providers())("targeted messages with %s", (_, crypto) => {
  it.each(["01", "02"] as const)(
    "draft -%s: one member reads what another sends, over restarts",
    async (version) => {
      const { alice, bob, carol, targeted } = await cast(crypto, { version });
      const authenticatedData = utf8("nonce 1");
      const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("for you"), {
        authenticatedData,
        padding: 100,
      });
      await restart(alice, bob, carol);
      expect(await bob.group.processMessage(message)).toMatchObject({
        kind: "feature",
        sender: 0,
        value: { data: utf8("for you"), authenticatedData },
      });
      await expect(carol.group.processMessage(message)).rejects.toThrow(
        mlsError("ERR_MLS_VALIDATION", "tm02"),
      );
      await restart(bob);
      const back = await targeted.send(bob.group, bob.signer, { leafIndex: 0 }, new Uint8Array());
      expect(await alice.group.processMessage(back)).toMatchObject({
        sender: 1,
        value: { data: new Uint8Array() },
      });
    },
  );

  it("TM-01 TM-06: of a past epoch only where it was asked for, while the epoch is kept", async () => {
    for (const pastEpochs of [false, true]) {
      const { alice, bob, carol, targeted } = await cast(crypto, { pastEpochs }, 1);
      const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("late"));
      await next(bob, alice, carol); // Bob's leaf has another key now
      await restart(bob);
      const late = bob.group.processMessage(message);
      if (pastEpochs) {
        expect(await late).toMatchObject({ kind: "feature", sender: 0, value: { data: utf8("late") } });
      } else {
        await expect(late).rejects.toThrow(mlsError("ERR_MLS_WRONG_EPOCH", "rfc35"));
      }
      await next(alice, bob, carol);
      await restart(bob);
      await expect(bob.group.processMessage(message)).rejects.toThrow(
        mlsError("ERR_MLS_WRONG_EPOCH", "rfc35"),
      );
    }
  });
});

describe("what is refused", () => {
  it("TM-01: another group, a later epoch", async () => {
    const { alice, bob, targeted } = await cast();
    const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("x"));
    const elsewhere = bob.group.processMessage(changed(message, { groupId: utf8("other") }));
    await expect(elsewhere).rejects.toThrow(mlsError("ERR_MLS_WRONG_GROUP"));
    const later = bob.group.processMessage(changed(message, { epoch: 9n }));
    await expect(later).rejects.toThrow(mlsError("ERR_MLS_WRONG_EPOCH", "rfc35"));
  });

  it("TM-03: sender data that do not open, or of a blank leaf", async () => {
    const { alice, bob, targeted } = await cast();
    const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("x"));
    const { encryptedSenderAuthData } = parse(message);
    encryptedSenderAuthData[0]! ^= 1;
    const damaged = bob.group.processMessage(changed(message, { encryptedSenderAuthData }));
    await expect(damaged).rejects.toThrow(mlsError("ERR_MLS_DECRYPTION"));

    const forged = await forge(targeted, alice, to(bob), { ownLeafIndex: 7 });
    await expect(bob.group.processMessage(forged)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "tm03"));
  });

  it("TM-04: a signature of somebody else, before the content is opened", async () => {
    const { alice, bob, carol, targeted } = await cast();
    const otherPsk: Secrets = (real, context, length) =>
      context.length === 3 ? new Uint8Array(length) : real(context, length);
    // Nor would the content open, which would be another error.
    const forged = await forge(targeted, alice, to(bob), { ownLeafIndex: to(carol) }, otherPsk);
    await expect(bob.group.processMessage(forged)).rejects.toThrow(
      mlsError("ERR_MLS_INVALID_SIGNATURE", "tm04"),
    );
  });

  it("TM-05: a ciphertext under another PSK, and padding that is not zero", async () => {
    const { alice, bob, targeted } = await cast();
    const wrongPsk = await forge(targeted, alice, to(bob), {}, (real, context, length) =>
      context.length === 3 ? new Uint8Array(length).fill(1) : real(context, length),
    );
    await expect(bob.group.processMessage(wrongPsk)).rejects.toThrow(mlsError("ERR_MLS_DECRYPTION"));
    const padded = await alice.group.use(targeted, async (access) => {
      const suite = new Proxy(access.suite, {
        get: (target, name) =>
          name === "hpkeSetupSender"
            ? async (...given: Parameters<typeof target.hpkeSetupSender>) => {
                const sender = await target.hpkeSetupSender(...given);
                const { kemOutput } = sender;
                return {
                  kemOutput,
                  seal: async (aad: Uint8Array, content: Uint8Array) =>
                    sender.seal(aad, new Uint8Array([...content, 0, 1])),
                };
              }
            : (Reflect.get(target, name) as unknown),
      });
      return seal({ ...access, suite: bound(suite, access) }, alice.signer, sealingTo(bob));
    });
    await expect(bob.group.processMessage(padded)).rejects.toThrow(mlsError("ERR_MLS_DECODE", "tm05"));
  });

  it("a message in the form of the other draft, and every truncation", async () => {
    const { alice, bob, targeted } = await cast();
    const message = await alice.group.use(targeted, async (access) =>
      seal(access, alice.signer, { ...sealingTo(bob), version: "01" }),
    );
    await expect(bob.group.processMessage(message)).rejects.toThrow(mlsError("ERR_MLS_DECRYPTION"));
    for (let length = HEADER; length < message.length; length += 7) {
      await expect(bob.group.processMessage(message.slice(0, length))).rejects.toThrow(
        mlsError("ERR_MLS_DECODE"),
      );
    }
    expect(bob.group.epoch).toBe(1n);
  });

  it("TM-08: to nobody, to oneself, and from a group that was left", async () => {
    const { alice, bob, carol, targeted } = await cast();
    for (const leaf of [3, 1000, to(alice)]) {
      const sending = targeted.send(alice.group, alice.signer, leaf, utf8("x"));
      await expect(sending).rejects.toThrow(mlsError("ERR_MLS_USAGE", "tm08"));
    }
    const { commit } = await alice.group.removeMembers(alice.signer, [to(carol)]);
    await alice.group.mergePendingCommit();
    await begin(commit, bob, carol);
    const gone = targeted.send(carol.group, carol.signer, to(bob), utf8("x"));
    await expect(gone).rejects.toThrow(mlsError("ERR_MLS_GROUP_INACTIVE"));
  });

  it.each([
    ["recipient", "bob"],
    ["recipient", null],
    ["data", "text"],
    ["options.padding", { padding: -1 }],
    ["options.authenticatedData", { authenticatedData: "a" }],
  ])("careless callers: %s", async (argument, wrong) => {
    const { alice, bob, targeted } = await cast();
    const sending = targeted.send(
      alice.group,
      alice.signer,
      (argument === "recipient" ? wrong : to(bob)) as number,
      (argument === "data" ? wrong : utf8("x")) as Uint8Array,
      (argument.startsWith("options") ? wrong : {}) as object,
    );
    await expect(sending).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("options that make no sense", () => {
    for (const options of [{ version: "03" }, { past: true }, "02"]) {
      expect(() => targetedMessages(options as TargetedMessagesOptions)).toThrow(mlsError("ERR_MLS_USAGE"));
    }
  });
});

it("is routed without a group, and passes by those who read the group from outside", async () => {
  const { alice, bob, targeted } = await cast();
  const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("x"));
  expect(MlsMessage.read(message)).toMatchObject({ wireFormat: 6 });
  const other = await company(["dave", "erin"]);
  await expect(other.erin.group.processMessage(message)).rejects.toThrow(
    mlsError("ERR_MLS_UNSUPPORTED_WIRE_FORMAT"),
  );
});

it("what is kept of past epochs goes with them, from the store too", async () => {
  const { alice, bob, carol } = await cast(undefined, { pastEpochs: true }, 1);
  const kept = (): number => bob.storage.entries().filter(({ key }) => key.table === "past_feature").length;
  await next(alice, bob, carol);
  expect(kept()).toBe(1);
  const value =
    bob.storage.entries().find(({ key }) => key.table === "past_feature")?.value ?? new Uint8Array();
  expect(value.length).toBeGreaterThan(96);
  await next(alice, bob, carol);
  expect(kept()).toBe(1);
  const everything = bob.storage.entries().map((record) => bytesToHex(record.value));
  expect(everything).not.toContain(bytesToHex(value));
  await bob.group.deletePastEpochs();
  expect(kept()).toBe(0);
});

it("a newcomer reads what is sent after it joined", async () => {
  const { alice, bob, carol, targeted } = await cast();
  const dave = await outsider("dave", { features: [targeted] });
  const { commit } = await alice.group.addMembers(alice.signer, [await keyPackageOf(dave)]);
  const { welcome } = await alice.group.mergePendingCommit();
  await begin(commit, bob, carol);
  const group: MlsGroup = await joinFrom(dave, welcome);
  const message = await targeted.send(carol.group, carol.signer, group.ownLeafIndex, utf8("hi"));
  expect(await group.processMessage(message)).toMatchObject({ sender: 2, value: { data: utf8("hi") } });
});

function sealingTo(member: Member) {
  return {
    version: "02" as const,
    wireFormat: 6,
    recipientLeafIndex: to(member),
    data: utf8("x"),
    authenticatedData: new Uint8Array(),
    padding: 0,
  };
}

/** Methods of a suite seen through a proxy keep the suite as their `this`. */
function bound(suite: GroupAccess["suite"], { suite: real }: GroupAccess): GroupAccess["suite"] {
  return new Proxy(suite, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" && name !== "hpkeSetupSender"
        ? (value.bind(real) as unknown)
        : value;
    },
  });
}

/** In the place of the exporter. */
type Secrets = (
  real: (context: Uint8Array, length: number) => Uint8Array,
  context: Uint8Array,
  length: number,
) => Uint8Array;

/** A message of somebody who claims to be at another leaf, or uses other secrets. */
async function forge(
  targeted: TargetedMessages,
  from: Member,
  recipient: number,
  change: Partial<GroupAccess>,
  secrets?: Secrets,
): Promise<Uint8Array> {
  return from.group.use(targeted, async (access) => {
    const exportSecret: GroupAccess["exportSecret"] =
      secrets === undefined
        ? (label, context, length) => access.exportSecret(label, context, length)
        : (label, context, length) =>
            secrets((given, size) => access.exportSecret(label, given, size), context, length);
    const forged = { ...access, exportSecret, ...change };
    return seal(forged, from.signer, {
      version: "02",
      wireFormat: 6,
      recipientLeafIndex: recipient,
      data: utf8("x"),
      authenticatedData: new Uint8Array(),
      padding: 0,
    });
  });
}
