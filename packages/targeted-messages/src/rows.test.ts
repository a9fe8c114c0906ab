import { wireFormats } from "@openmls-ts/extensions/wire-formats";
import { decode, encode, type GroupAccess, type MlsGroupConfig, MlsMessage } from "@openmls-ts/mls-core";
import { type CryptoProvider, type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { begin, company, type Member } from "../../extensions/src/testing/company.ts";
import { providers } from "../../extensions/src/testing/providers.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { type TargetedMessagesOptions, targetedMessages } from "./index.ts";
import { seal, type Sealing } from "./seal.ts";
import { exportKeys, senderDataKeys } from "./secrets.ts";
import { addressBytes, targetedMessage } from "./wire.ts";

const HEADER = 4;
const to = ({ group }: Member): number => group.ownLeafIndex;

async function cast(
  options: TargetedMessagesOptions & Partial<MlsGroupConfig> = {},
  crypto?: CryptoProvider,
) {
  const { version, pastEpochs, codePoints, ...config } = options;
  const given = { version, pastEpochs, codePoints };
  const targeted = targetedMessages(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  const all = await company(["alice", "bob", "carol"], {
    ...(crypto === undefined ? {} : { crypto }),
    features: [targeted],
    config,
  });
  return { ...all, targeted };
}

const parse = (message: Uint8Array) => decode(targetedMessage, message.slice(HEADER));

/** A message whose sender data say something after their end, or claim something else. */
async function withSenderData(
  message: Uint8Array,
  access: GroupAccess,
  change: (plain: Uint8Array) => Uint8Array,
): Promise<Uint8Array> {
  const fields = parse(message);
  const { senderAuthDataSecret } = exportKeys(access);
  const { key, nonce } = senderDataKeys(access.suite, senderAuthDataSecret, fields.ciphertext);
  const aad = addressBytes(fields);
  const plain = await access.suite.aeadOpen(key, nonce, aad, fields.encryptedSenderAuthData);
  const encryptedSenderAuthData = await access.suite.aeadSeal(key, nonce, aad, change(plain));
  const body = encode(targetedMessage, { ...fields, encryptedSenderAuthData });
  return new Uint8Array([...message.slice(0, HEADER), ...body]);
}

async function refused(bob: Member, message: Uint8Array, code: MlsErrorCode, rule?: string): Promise<void> {
  const before = bob.storage.entries();
  await expect(bob.group.processMessage(message)).rejects.toThrow(mlsError(code, rule));
  expect(bob.storage.entries().map(({ key, value }) => [key.table, value])).toEqual(
    before.map(({ key, value }) => [key.table, value]),
  );
}

describe.each(["01", "02"] as const)("the form of -%s", (version) => {
  it("TM-02: a message to one member is no other's, also with its address changed", async () => {
    const { alice, bob, carol, targeted } = await cast({ version });
    const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("x"));
    await refused(carol, message, "ERR_MLS_VALIDATION", "tm02");
    const body = encode(targetedMessage, { ...parse(message), recipientLeafIndex: to(carol) });
    const readdressed = new Uint8Array([...message.slice(0, HEADER), ...body]);
    await refused(carol, readdressed, "ERR_MLS_DECRYPTION");
    await refused(bob, readdressed, "ERR_MLS_VALIDATION", "tm02");
  });

  it("TM-03: nothing stands after the sender's data, and a sender is a member", async () => {
    const { alice, bob, targeted } = await cast({ version });
    const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("x"));
    const forged = async (change: (plain: Uint8Array) => Uint8Array): Promise<Uint8Array> =>
      alice.group.use(targeted, async (access) => withSenderData(message, access, change));
    await refused(bob, await forged((plain) => new Uint8Array([...plain, 0])), "ERR_MLS_DECODE");
    await refused(bob, await forged((plain) => plain.slice(0, -1)), "ERR_MLS_DECODE");
    const at = (index: number) => (plain: Uint8Array) => new Uint8Array([0, 0, 0, index, ...plain.slice(4)]);
    await refused(bob, await forged(at(9)), "ERR_MLS_VALIDATION", "tm03");
    expect(await bob.group.processMessage(await forged((plain) => plain))).toMatchObject({ sender: 0 });
  });

  it("TM-04: the signature covers everything, and another member's is none", async () => {
    const { alice, bob, carol, targeted } = await cast({ version });
    const authenticatedData = utf8("seen by all");
    const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("x"), { authenticatedData });
    const body = encode(targetedMessage, { ...parse(message), authenticatedData: utf8("Seen by all") });
    const changed = new Uint8Array([...message.slice(0, HEADER), ...body]);
    await refused(bob, changed, "ERR_MLS_INVALID_SIGNATURE", "tm04");
    const claimed = await alice.group.use(targeted, async (access) =>
      withSenderData(message, access, (plain) => new Uint8Array([0, 0, 0, to(carol), ...plain.slice(4)])),
    );
    await refused(bob, claimed, "ERR_MLS_INVALID_SIGNATURE", "tm04");
  });

  it("TM-05: a damaged ciphertext opens nothing", async () => {
    const { alice, bob, targeted } = await cast({ version });
    const message = await targeted.send(
      alice.group,
      alice.signer,
      to(bob),
      utf8("a longer message than a hash is"),
    );
    const fields = parse(message);
    fields.ciphertext[fields.ciphertext.length - 1]! ^= 1; // behind the sample
    const body = encode(targetedMessage, fields);
    const damaged = new Uint8Array([...message.slice(0, HEADER), ...body]);
    await refused(bob, damaged, "ERR_MLS_INVALID_SIGNATURE", "tm04");
  });

  it("TM-07: what comes twice is read twice: the application keeps the nonces", async () => {
    const { alice, bob, targeted } = await cast({ version });
    const authenticatedData = utf8("nonce 7");
    const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("pay"), {
      authenticatedData,
    });
    const seen = new Set<string>();
    const taken: string[] = [];
    for (const processed of [
      await bob.group.processMessage(message),
      await bob.group.processMessage(message),
    ]) {
      const received = targeted.read(processed)!;
      const nonce = String(received.authenticatedData);
      if (!seen.has(nonce)) taken.push(new TextDecoder().decode(received.data));
      seen.add(nonce);
    }
    expect(taken).toEqual(["pay"]);
  });

  it("TM-08: a group that goes on elsewhere still carries it, one that was deleted does not", async () => {
    const { alice, bob, carol, targeted } = await cast({ version });
    const reinit = await alice.group.propose(alice.signer, {
      proposalType: 5,
      groupId: utf8("new"),
      version: 1,
      cipherSuite: 1,
      extensions: [],
    });
    for (const { group } of [bob, carol]) await group.processMessage(reinit.message);
    const { commit } = await alice.group.commitToPendingProposals(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(commit, bob, carol);
    const last = await targeted.send(alice.group, alice.signer, to(bob), utf8("see you there"));
    expect(targeted.read(await bob.group.processMessage(last))).toMatchObject({ sender: 0 });
    await alice.group.delete();
    const late = targeted.send(alice.group, alice.signer, to(bob), utf8("x"));
    await expect(late).rejects.toThrow(mlsError("ERR_MLS_GROUP_INACTIVE"));
  });

  it("is not read by a group that has agreed on the other form", async () => {
    const { alice, bob, targeted } = await cast({ version: version === "01" ? "02" : "01" });
    const sealing: Sealing = {
      version,
      wireFormat: 6,
      recipientLeafIndex: to(bob),
      data: utf8("x"),
      authenticatedData: new Uint8Array(),
      padding: 0,
    };
    const message = await alice.group.use(targeted, async (access) => seal(access, alice.signer, sealing));
    await refused(bob, message, "ERR_MLS_DECRYPTION");
  });
});

describe("sending", () => {
  it("is for a member's own signer", async () => {
    const { alice, bob, targeted } = await cast();
    const foreign = targeted.send(alice.group, bob.signer, to(bob), utf8("x"));
    await expect(foreign).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    const none = targeted.send(alice.group, {} as never, to(bob), utf8("x"));
    await expect(none).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    const nowhere = targeted.send(undefined as never, alice.signer, to(bob), utf8("x"));
    await expect(nowhere).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("pads as the group does, unless it is told otherwise", async () => {
    const { alice, bob, targeted } = await cast({ paddingSize: 256 });
    const size = async (data: Uint8Array, options?: { readonly padding: number }): Promise<number> =>
      parse(await targeted.send(alice.group, alice.signer, to(bob), data, options)).ciphertext.length;
    expect(await size(utf8("short"))).toBe(await size(utf8("a little longer")));
    expect(await size(utf8("short"), { padding: 0 })).toBe(1 + 5 + 16);
  });

  it("changes nothing in the group: the next message has the generation that it would have had", async () => {
    const { alice, bob, targeted } = await cast();
    const before = alice.storage.entries().filter(({ key }) => key.table !== "group_revision");
    await targeted.send(alice.group, alice.signer, to(bob), utf8("x"));
    expect(alice.storage.entries().filter(({ key }) => key.table !== "group_revision")).toEqual(before);
  });

  it("takes the wire format of another table", async () => {
    const { alice, bob, targeted } = await cast({
      codePoints: { preset: "openmls", targetedMessage: 0xf006 },
    });
    expect(targeted.wireFormat).toBe(0xf006);
    const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("x"));
    expect(MlsMessage.read(message)).toMatchObject({ wireFormat: 0xf006 });
    expect(targeted.read(await bob.group.processMessage(message))?.data).toEqual(utf8("x"));
    const relabelled = message.slice();
    relabelled.set([0, 6], 2);
    await refused(bob, relabelled, "ERR_MLS_UNSUPPORTED_WIRE_FORMAT");
    expect(() => targetedMessages({ codePoints: { targetedMessage: 5 } })).toThrow(mlsError("ERR_MLS_USAGE"));
  });
});

it("reads nothing out of messages of other kinds", async () => {
  const { alice, bob, targeted } = await cast();
  const ordinary = await alice.group.createMessage(alice.signer, utf8("for all"));
  expect(targeted.read(await bob.group.processMessage(ordinary))).toBeUndefined();
});

describe.each(providers())("a group that requires the wire format, with %s", (_, crypto) => {
  it("lets nobody in who cannot read it", async () => {
    const targeted = targetedMessages();
    const able = [
      targeted,
      wireFormats({ supported: [targeted.wireFormat], required: [targeted.wireFormat] }),
    ];
    const { alice, bob } = await company(["alice", "bob"], { crypto, features: able });
    const message = await targeted.send(alice.group, alice.signer, to(bob), utf8("x"));
    expect(targeted.read(await bob.group.processMessage(message))).toMatchObject({ data: utf8("x") });
    const unable = { dave: [wireFormats()] };
    const joining = company(["alice", "dave"], { crypto, features: able, featuresOf: unable });
    await expect(joining).rejects.toMatchObject({ rule: "xw01", details: { leafIndex: 1 } });
  });
});
