import vm from "node:vm";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToHex, isBytes, type StorageProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  KeyPackageIn,
  MlsGroup,
  MlsMessage,
  proposals,
  proposeAsExternalSender,
  proposeToJoin,
  PublicGroup,
  StagedWelcome,
  storeExternalPsk,
} from "../index.ts";
import { client, keyPackageOf, ownerOf } from "../testing/client.ts";
import { CUSTOM, spoil, type Stage, stage } from "../testing/stage.ts";

const crypto = nodeCrypto();
const X = CUSTOM;
const Far = vm.runInNewContext("Uint8Array") as typeof Uint8Array;

/** The same bytes in an array of another realm, as jsdom, iframes and workers have them. */
function far(bytes: Uint8Array): Uint8Array {
  const there = new Far(bytes.length);
  there.set(bytes);
  return there;
}

/** A structure with all its bytes in another realm. */
function toFar<T>(value: T): T {
  if (isBytes(value)) {
    return far(value) as T;
  }
  if (Array.isArray(value)) {
    return value.map(toFar) as T;
  }
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? (Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toFar(inner)])) as T)
    : value;
}

/** A call with bytes in it: what it is given, the call, and what must come of it. */
interface Lending<A> {
  readonly given: (s: Stage) => A | Promise<A>;
  readonly call: (s: Stage, given: A) => unknown;
  readonly check: (s: Stage, result: never) => unknown;
}

const lending = <A>(entry: Lending<A>): Lending<unknown> => entry as Lending<unknown>;
const text = (): Uint8Array => utf8("as it was at the call");
const expectText = (bytes: unknown): void => expect(bytes).toEqual(text());
const extensionOf = (
  list: readonly { extensionType: number; extensionData: Uint8Array }[],
): Uint8Array | undefined => list.find(({ extensionType }) => extensionType === X)?.extensionData;
const read = async (
  group: MlsGroup,
  message: Uint8Array,
): Promise<{ data: Uint8Array; authenticatedData: Uint8Array }> =>
  (await group.processMessage(message)) as never;
const lastProposal = ({ a }: Stage): { psk: { pskId: Uint8Array }; extensions: []; groupId: Uint8Array } =>
  a.pendingProposals.at(-1)!.proposal as never;
const TARGET = { cipherSuite: 1, epoch: 1n };

const CALLS: Readonly<Record<string, Lending<unknown>>> = {
  "createMessage: data": lending({
    given: text,
    call: async ({ a, alice }, given) => a.createMessage(alice.signer, given),
    check: async ({ b }, sent: Uint8Array) => expectText((await read(b, sent)).data),
  }),
  "createMessage: authenticated data": lending({
    given: () => ({ authenticatedData: text() }),
    call: async ({ a, alice }, given) => a.createMessage(alice.signer, text(), given),
    check: async ({ b }, sent: Uint8Array) => expectText((await read(b, sent)).authenticatedData),
  }),
  processMessage: lending({
    given: async ({ a, alice }) => a.createMessage(alice.signer, text()),
    call: async ({ b }, given) => b.processMessage(given),
    check: (_, read: { data: Uint8Array }) => expectText(read.data),
  }),
  "processMessage: a proposal that is committed later": lending({
    given: async ({ b, bob }) => (await b.propose(bob.signer, proposals.update())).message,
    call: async ({ a }, given) => a.processMessage(given),
    check: async ({ a, b, alice }) => {
      const { commit } = await a.commitToPendingProposals(alice.signer);
      expect(await b.processMessage(commit)).toMatchObject({ kind: "commit" });
    },
  }),
  "MlsGroup.create": lending({
    given: ({ alice }) => ({
      owner: {
        credential: { credentialType: 1, identity: text() },
        signatureKey: alice.signer.publicKey.slice(),
      } as const,
      creation: {
        cipherSuite: 1,
        groupId: text(),
        capabilities: { extensions: [X] },
        extensions: [{ extensionType: X, extensionData: text() }],
        leafNodeExtensions: [{ extensionType: X, extensionData: text() }],
      },
    }),
    call: async ({ alice }, { owner, creation }) =>
      MlsGroup.create(alice.provider, alice.signer, owner, creation),
    check: (_, group: MlsGroup) => {
      expectText(group.groupId);
      expectText(group.members()[0]!.identity);
      expectText(extensionOf(group.extensions));
      expectText(extensionOf(group.ownLeafNode.extensions));
    },
  }),
  "MlsGroup.load": lending({
    given: ({ a }) => a.groupId,
    call: async ({ alice }, given) => MlsGroup.load(alice.provider, given),
    check: (_, group: MlsGroup | undefined) => expect(group?.epoch).toBe(1n),
  }),
  "selfUpdate: leaf": lending({
    given: ({ alice }) => ({
      credentialWithKey: {
        credential: { credentialType: 1, identity: utf8("alice") },
        signatureKey: alice.signer.publicKey.slice(),
      } as const,
      extensions: [{ extensionType: X, extensionData: text() }],
    }),
    call: async ({ a, alice }, given) => a.selfUpdate(alice.signer, given),
    check: (_, { summary }: { summary: { updatePathLeaf: { extensions: [] } } }) =>
      expectText(extensionOf(summary.updatePathLeaf.extensions)),
  }),
  "commit: extensions": lending({
    given: () => [{ extensionType: X, extensionData: text() }],
    call: async ({ a, alice }, given) => a.commit().groupContextExtensions(given).build(alice.signer),
    check: (_, { summary }: { summary: { extensions: [] } }) => expectText(extensionOf(summary.extensions)),
  }),
  "commit: key packages": lending({
    given: async () => (await keyPackageOf(await client("dave", crypto))).toMessage(),
    call: async ({ a, alice }, given) => a.addMembers(alice.signer, [given]),
    check: (_, { summary }: { summary: { added: [] } }) => expect(summary.added).toHaveLength(1),
  }),
  "commit: a member by credential": lending({
    given: () => ({ credentialType: 1, identity: utf8("bob") }) as const,
    call: async ({ a, alice }, given) => a.removeMembers(alice.signer, [given]),
    check: (_, { summary }: { summary: { removed: [] } }) => expect(summary.removed).toHaveLength(1),
  }),
  "commit: authenticated data": lending({
    given: () => ({ authenticatedData: text() }),
    call: async ({ a, alice }, given) => a.selfUpdate(alice.signer, {}, undefined, given),
    check: async ({ b }, { commit }: { commit: Uint8Array }) =>
      expectText((await read(b, commit)).authenticatedData),
  }),
  "propose: a PSK": lending({
    given: async ({ alice }) => {
      await storeExternalPsk(alice.storage, text(), utf8("secret"));
      return proposals.externalPsk(text());
    },
    call: async ({ a, alice }, given) => a.propose(alice.signer, given),
    check: (s) => expectText(lastProposal(s).psk.pskId),
  }),
  "propose: the name of a PSK": lending({
    given: () => ({ pskType: 1, pskId: text() }) as const,
    call: async ({ a, alice }, given) => a.propose(alice.signer, proposals.psk(given)),
    check: (s) => expectText(lastProposal(s).psk.pskId),
  }),
  "propose: a proposal as it is": lending({
    given: () => ({ proposalType: 7, extensions: [{ extensionType: X, extensionData: text() }] }) as const,
    call: async ({ a, alice }, given) => a.propose(alice.signer, given),
    check: (s) => expectText(extensionOf(lastProposal(s).extensions)),
  }),
  "propose: a ReInit": lending({
    given: () => ({ groupId: text(), cipherSuite: 1 }),
    call: async ({ a, alice }, given) => a.propose(alice.signer, proposals.reinit(given)),
    check: (s) => expectText(lastProposal(s).groupId),
  }),
  exportSecret: lending({
    given: text,
    call: ({ a }, given) => a.exportSecret("label", given, 16),
    check: ({ a }, secret: Uint8Array) => expect(secret).toEqual(a.exportSecret("label", text(), 16)),
  }),
  removePendingProposal: lending({
    given: async ({ a, alice }) => (await a.propose(alice.signer, proposals.update())).reference,
    call: async ({ a }, given) => a.removePendingProposal(given),
    check: ({ a }, done: boolean) => {
      expect(done).toBe(true);
      expect(a.pendingProposals).toEqual([]);
    },
  }),
  storeExternalPsk: lending({
    given: () => [text(), utf8("value")] as const,
    call: async ({ alice }, [id, value]) => storeExternalPsk(alice.storage, id, value),
    check: ({ alice }) => {
      const { key, value } = alice.storage.entries().find((entry) => entry.key.table === "psk")!;
      expectText(key.id);
      expect(bytesToHex(value)).toContain(bytesToHex(utf8("value")));
    },
  }),
  "StagedWelcome.fromWelcome": lending({
    given: async ({ a, alice }) => {
      const carol = await client("carol", crypto);
      await a.setConfig({ ratchetTreeExtension: false });
      await a.addMembers(alice.signer, [await keyPackageOf(carol)]);
      const { welcome } = await a.mergePendingCommit();
      return { carol: () => carol, welcome: welcome!, ratchetTree: a.exportRatchetTree() };
    },
    call: async (_, { carol, welcome, ratchetTree }) =>
      StagedWelcome.fromWelcome(carol().provider, welcome, { ratchetTree }),
    check: async ({ a }, staged: StagedWelcome) =>
      expect((await staged.intoGroup()).epochAuthenticator).toEqual(a.epochAuthenticator),
  }),
  joinByExternalCommit: lending({
    given: async ({ a, alice }) => {
      const carol = await client("carol", crypto);
      await storeExternalPsk(carol.storage, text(), utf8("secret"));
      await storeExternalPsk(alice.storage, text(), utf8("secret"));
      return {
        carol: () => carol,
        options: {
          groupInfo: await a.exportGroupInfo(alice.signer, { ratchetTree: false }),
          ratchetTree: a.exportRatchetTree(),
          credentialWithKey: {
            credential: { credentialType: 1, identity: text() } as const,
            signatureKey: carol.signer.publicKey.slice(),
          },
          psks: [{ pskType: 1, pskId: text() } as const],
          authenticatedData: text(),
          capabilities: { extensions: [X] },
          leafNodeExtensions: [{ extensionType: X, extensionData: text() }],
        },
      };
    },
    call: async (_, { carol, options }) =>
      MlsGroup.joinByExternalCommit(carol().provider, carol().signer, options),
    check: async ({ a }, join: { commit: Uint8Array }) => {
      const processed = await a.processMessage(join.commit);
      if (processed.kind !== "commit") throw new Error(processed.kind);
      expectText(processed.authenticatedData);
      await a.mergeStagedCommit(processed.stagedCommit);
      expectText(a.member(2)?.identity);
      expectText(extensionOf(a.leafNode(2)!.extensions));
    },
  }),
  "PublicGroup.fromGroupInfo": lending({
    given: async ({ a, alice }) => {
      const server = await client("server", crypto);
      const groupInfo = await a.exportGroupInfo(alice.signer, { ratchetTree: false });
      return { server: () => server, groupInfo, tree: a.exportRatchetTree() };
    },
    call: async (_, { server, groupInfo, tree }) =>
      PublicGroup.fromGroupInfo(server().provider, groupInfo, tree),
    check: ({ a }, seen: PublicGroup) => expect(seen.groupContext).toEqual(a.groupContext),
  }),
  proposeAsExternalSender: lending({
    given: ({ a }) => ({ ...TARGET, groupId: a.groupId }),
    call: async ({ bob }, given) =>
      proposeAsExternalSender(bob.provider, bob.signer, given, 0, proposals.remove(1)),
    check: async ({ a }, message: Uint8Array) =>
      expect(await a.processMessage(message)).toMatchObject({ kind: "proposal", stored: false }),
  }),
  proposeToJoin: lending({
    given: async ({ a }) => {
      const carol = await client("carol", crypto);
      return { carol: () => carol, groupId: a.groupId, keyPackage: (await keyPackageOf(carol)).toMessage() };
    },
    call: async (_, { carol, groupId, keyPackage }) =>
      proposeToJoin(carol().provider, carol().signer, { groupId, epoch: 1n }, keyPackage),
    check: async ({ a }, message: Uint8Array) =>
      expect(await a.processMessage(message)).toMatchObject({ kind: "proposal", stored: false }),
  }),
  branch: lending({
    given: async ({ bob }) => ({
      keyPackages: [(await keyPackageOf(bob)).toMessage()],
      groupId: text(),
    }),
    call: async ({ a, alice }, given) => a.branch({ ...ownerOf(alice), ...given }),
    check: (_, { group }: { group: MlsGroup }) => expectText(group.groupId),
  }),
  "KeyPackageIn.fromMessage": lending({
    given: async ({ bob }) => (await keyPackageOf(bob)).toMessage(),
    call: async ({ alice }, given) => KeyPackageIn.fromMessage(given).validate(alice.provider),
    check: async ({ a, alice }, keyPackage: never) =>
      a.commit().addMembers([keyPackage]).removeMembers([1]).build(alice.signer),
  }),
  "MlsMessage.read": lending({
    given: async ({ a, alice }) => a.createMessage(alice.signer, text()),
    call: (_, given) => MlsMessage.read(given),
    check: ({ a }, message: { groupId: Uint8Array }) => expect(message.groupId).toEqual(a.groupId),
  }),
};

describe("bytes that a caller lends", () => {
  it.each(Object.keys(CALLS))("are those of the moment of the call: %s", async (name) => {
    const { given, call, check } = CALLS[name]!;
    const s = await stage();
    const lent = await given(s);
    const running = call(s, lent);
    spoil(lent);
    await check(s, (await running) as never);
  });

  it.each(Object.keys(CALLS))("may be of another realm: %s", async (name) => {
    const { given, call, check } = CALLS[name]!;
    const s = await stage();
    await check(s, (await call(s, toFar(await given(s)))) as never);
  });

  it("may be of another realm: what signers and stores hand out", async () => {
    expect(far(text()) instanceof Uint8Array).toBe(false);
    const { a, b, alice, bob } = await stage();
    const signer = {
      publicKey: far(alice.signer.publicKey),
      sign: async (message: Uint8Array) => far(await alice.signer.sign(message)),
    };
    expectText((await read(b, await a.createMessage(signer, text()))).data);
    const { storage } = bob;
    const distant: StorageProvider = {
      name: "far",
      write: async (batch) => storage.write(batch),
      get: async (key) => {
        const value = await storage.get(key);
        return value === undefined ? undefined : far(value);
      },
      list: async (prefix) =>
        (await storage.list(prefix)).map(({ key, value }) => ({ key: toFar(key), value: far(value) })),
      listOwners: async (table) => (await storage.listOwners(table)).map(far),
    };
    const provider = { ...bob.provider, storage: distant };
    expect(await MlsGroup.list(provider)).toHaveLength(1);
    const again = await MlsGroup.load(provider, b.groupId);
    await a.processMessage(await again!.createMessage(bob.signer, text()));
    const { commit } = await again!.selfUpdate(bob.signer);
    expect(await a.processMessage(commit)).toMatchObject({ kind: "commit" });
  });

  it("may be a view on memory that was transferred after the call, but not before", async () => {
    const { a, b, alice } = await stage();
    const message = new Uint8Array(await a.createMessage(alice.signer, text()));
    const running = b.processMessage(message);
    structuredClone(message, { transfer: [message.buffer] });
    expectText(((await running) as never as { data: Uint8Array }).data);
  });
});
