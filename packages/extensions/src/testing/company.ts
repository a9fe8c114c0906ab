import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type Feature, type MlsGroupConfig, MlsGroup, PublicGroup } from "@openmls-ts/mls-core";
import type { CryptoProvider, MlsProvider } from "@openmls-ts/traits";
import { expect } from "vitest";
import { type Client, client, follow, joinFrom, keyPackageOf } from "../../../mls-core/src/testing/client.ts";

/** A client with a group, which a test may load again. */
export interface Member extends Client {
  group: MlsGroup;
}

export interface CompanyOptions {
  readonly crypto?: CryptoProvider;
  readonly features?: readonly Feature[];
  /** Of those who are named here instead. */
  readonly featuresOf?: Readonly<Record<string, readonly Feature[]>>;
  readonly config?: Partial<MlsGroupConfig>;
  readonly provider?: Partial<MlsProvider>;
}

export async function outsider(name: string, options: CompanyOptions = {}): Promise<Client> {
  const { crypto = nodeCrypto(), features = [], featuresOf = {}, provider = {} } = options;
  return client(name, crypto, 1, { ...provider, features: featuresOf[name] ?? features });
}

/** A group of clients at leaves 0, 1, …, handshake messages in the clear. */
export async function company<N extends string>(
  names: readonly N[],
  options: CompanyOptions = {},
): Promise<Record<N, Member>> {
  const config: Partial<MlsGroupConfig> = { handshake: "public", ...options.config };
  const clients = await Promise.all(names.map(async (name) => outsider(name, options)));
  const [founder, ...others] = clients;
  const group = await MlsGroup.create(founder!.provider, founder!.signer, founder!.credentialWithKey, {
    cipherSuite: 1,
    config,
  });
  await group.addMembers(founder!.signer, await Promise.all(others.map(keyPackageOf)));
  const { welcome } = await group.mergePendingCommit();
  const all: Partial<Record<N, Member>> = { [names[0]!]: { ...founder!, group } } as Partial<
    Record<N, Member>
  >;
  for (const [at, other] of others.entries()) {
    all[names[at + 1]!] = { ...other, group: await joinFrom(other, welcome, config) };
  }
  return all as Record<N, Member>;
}

/** A delivery service that checks what it passes on. */
export async function service(from: Member, options: CompanyOptions = {}): Promise<PublicGroup> {
  const { provider } = await outsider("service", options);
  return PublicGroup.fromGroupInfo(provider, await from.group.exportGroupInfo(from.signer));
}

/** Gives a member back what its store has, as after a restart. */
export async function restart(...members: readonly Member[]): Promise<void> {
  for (const member of members) {
    const { groupId } = member.group;
    await member.group.close();
    const loaded = await MlsGroup.load(member.provider, groupId);
    if (loaded === undefined) throw new Error(`${member.name} is in no such group`);
    member.group = loaded;
  }
}

/** Hands a proposal to members and observers, who keep it. */
export async function spread(
  message: Uint8Array,
  ...receivers: readonly (Member | PublicGroup)[]
): Promise<void> {
  for (const receiver of receivers) {
    const group = receiver instanceof PublicGroup ? receiver : receiver.group;
    expect(await group.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
  }
}

/** Has members and observers begin the epoch of a commit. */
export async function begin(
  commit: Uint8Array,
  ...receivers: readonly (Member | PublicGroup)[]
): Promise<void> {
  for (const receiver of receivers) {
    if (receiver instanceof PublicGroup) {
      const processed = await receiver.processMessage(commit);
      if (processed.kind !== "commit") throw new Error(processed.kind);
      await receiver.mergeCommit(processed.stagedCommit);
    } else {
      await follow(receiver.group, commit);
    }
  }
}

/** That members are in one epoch, and read one another. */
export async function expectTogether(...members: readonly Member[]): Promise<void> {
  for (const sender of members) {
    const message = await sender.group.createMessage(sender.signer, Uint8Array.of(1));
    for (const { group } of members.filter((member) => member !== sender)) {
      expect(group.epochAuthenticator).toEqual(sender.group.epochAuthenticator);
      expect(await group.processMessage(message)).toMatchObject({ kind: "application" });
    }
  }
}
