import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { bytesToHex, bytesToKey, type CryptoProvider, utf8 } from "@openmls-ts/traits";
import { expect } from "vitest";
import { type Grease, type MlsGroup, type MlsGroupConfig, storeExternalPsk } from "../../index.ts";
import type { CredentialWithKey } from "../../wire/index.ts";
import { type Client, client } from "../client.ts";
import { observedCrypto } from "../observed-crypto.ts";
import { Book } from "./book.ts";
import { credentialFor, FEATURES, nameIn } from "./custom.ts";
import type { Observer } from "./observer.ts";

/** A member of the group, or one that was. */
export interface Peer {
  readonly client: Client;
  readonly config: Partial<MlsGroupConfig>;
  /** The live object; replaced when the member restarts. */
  group: MlsGroup;
  /** The epoch in which it came in. */
  readonly since: bigint;
  /** What GREASE its leaf carries. */
  readonly grease: Grease;
}

/** An application message on its way. */
export interface Letter {
  readonly bytes: Uint8Array;
  readonly from: string;
  readonly epoch: bigint;
  readonly text: Uint8Array;
  /** Members of its epoch who have not read it. */
  readonly waiting: Set<Peer>;
  /** Those who have. */
  readonly read: Set<Peer>;
}

/** How members differ from one another in what is each one's own choice. */
const CONFIGS: readonly Partial<MlsGroupConfig>[] = [
  { maxPastEpochs: 3 },
  { handshake: "public" },
  { paddingSize: 32, maxPastEpochs: 5, grease: "capabilities", pauseForRemovals: true },
  { handshake: "public", ratchetTreeExtension: false, maxPastEpochs: 6, grease: false },
  { ratchetTreeExtension: false, resumptionPskEpochs: 3, maxPastEpochs: 2, pauseForRemovals: true },
];

/** Everybody around one group, and the delivery service between them. */
export class World {
  readonly plainCrypto: CryptoProvider;
  readonly crypto: CryptoProvider;
  readonly suite: number;
  readonly maxMembers: number;
  readonly peers: Peer[] = [];
  /** Those who left, with the objects that they had. */
  readonly former: Peer[] = [];
  /** Members who were removed and pretend not to know: copies of their stores from before. */
  readonly ghosts: MlsGroup[] = [];
  readonly letters: Letter[] = [];
  /** Proposals, commits and Welcomes seen on the wire. */
  readonly wire: { readonly bytes: Uint8Array; readonly from: string | undefined; readonly epoch: bigint }[] =
    [];
  readonly authenticators: Set<string> = new Set<string>();
  readonly psks: { readonly id: Uint8Array; readonly psk: Uint8Array }[] = [];
  /** The proposals of this epoch. */
  readonly book: Book = new Book();
  /** Whether all handshake messages are sent in the clear, so that somebody can follow from outside. */
  readonly open: boolean;
  observer: Observer | undefined;
  /** A client that is no member but may be named in external_senders. */
  server: Client | undefined;
  readonly #clients: Client[] = [];
  readonly #signers = new Map<string, SignatureKeyPair>();
  readonly #sealed = new Set<string>();
  #inVain = false;

  /** @param open whether all handshake messages are public */
  constructor(crypto: CryptoProvider, suite: number, maxMembers: number, open: boolean) {
    this.plainCrypto = crypto;
    // No two messages under one key: not over restarts, not after failures (RFC 9420 §9.1).
    this.crypto = observedCrypto(crypto, {
      seal: (key) => {
        const used = bytesToKey(key);
        if (!this.#inVain) {
          expect(this.#sealed.has(used), "an AEAD key is used twice").toBe(false);
          this.#sealed.add(used);
        }
      },
    });
    this.suite = suite;
    this.maxMembers = maxMembers;
    this.open = open;
  }

  /** Does what is refused when it is to be written, so that nothing that was sealed comes out. */
  async inVain<T>(work: () => Promise<T>): Promise<T> {
    this.#inVain = true;
    try {
      return await work();
    } finally {
      this.#inVain = false;
    }
  }

  get epoch(): bigint {
    return this.peers[0]!.group.epoch;
  }

  get groupId(): Uint8Array {
    return this.peers[0]!.group.groupId;
  }

  /** A choice among the members. */
  peer(pick: number): Peer {
    return this.peers[pick % this.peers.length]!;
  }

  others(peer: Peer): Peer[] {
    return this.peers.filter((other) => other !== peer);
  }

  byName(name: string): Peer | undefined {
    return this.peers.find((peer) => peer.client.name === name);
  }

  configFor(peerNumber: number): Partial<MlsGroupConfig> {
    const config = CONFIGS[peerNumber % CONFIGS.length]!;
    return this.open ? { ...config, handshake: "public" } : config;
  }

  /** Somebody who is no member and not about to become one: a former member, or a new client. */
  async outsider(besides: readonly string[] = []): Promise<Client> {
    const free = this.#clients.find(
      ({ name }) =>
        this.byName(name) === undefined && !this.book.invited.has(name) && !besides.includes(name),
    );
    return free ?? this.newClient();
  }

  /** Everybody who is or could be a member. */
  clientNamed(name: string): Client {
    return this.#clients.find((known) => known.name === name)!;
  }

  /** A client that never joins. */
  async newServer(): Promise<Client> {
    return client("server", this.crypto, this.suite, { features: FEATURES });
  }

  async newClient(): Promise<Client> {
    const number = this.#clients.length;
    const plain = await client(`client ${number}`, this.crypto, this.suite, { features: FEATURES });
    const credential = credentialFor(plain.name, number % 2 === 1);
    const made = { ...plain, credentialWithKey: { ...plain.credentialWithKey, credential } };
    this.#clients.push(made);
    this.#signers.set(bytesToKey(made.signer.publicKey), made.signer);
    for (const { id, psk } of this.psks) {
      await storeExternalPsk(made.storage, id, psk);
    }
    return made;
  }

  /** Puts a fresh external PSK into everybody's store. */
  async newPsk(): Promise<Uint8Array> {
    const suite = await this.crypto.cipherSuite(this.suite);
    const entry = { id: utf8(`psk ${this.psks.length}`), psk: suite.randomBytes(32) };
    this.psks.push(entry);
    for (const { storage } of this.#clients) {
      await storeExternalPsk(storage, entry.id, entry.psk);
    }
    return entry.id;
  }

  async newSigner(): Promise<SignatureKeyPair> {
    const signer = await SignatureKeyPair.generate(await this.crypto.cipherSuite(this.suite));
    this.#signers.set(bytesToKey(signer.publicKey), signer);
    return signer;
  }

  credential(peer: Peer, signer: SignatureKeyPair): CredentialWithKey {
    return { ...peer.client.credentialWithKey, signatureKey: signer.publicKey };
  }

  /** The signer of a member's present leaf. */
  signer(peer: Peer): SignatureKeyPair {
    return this.#signers.get(bytesToKey(peer.group.ownLeafNode.signatureKey))!;
  }

  sent(bytes: Uint8Array, from?: Peer): void {
    this.wire.push({ bytes, from: from?.client.name, epoch: this.epoch });
  }

  join(client: Client, config: Partial<MlsGroupConfig>, group: MlsGroup, grease: Grease = true): Peer {
    const peer = { client, config, group, since: group.epoch, grease };
    this.peers.push(peer);
    return peer;
  }

  leave(peer: Peer): void {
    this.peers.splice(this.peers.indexOf(peer), 1);
    this.former.push(peer);
    this.letters.forEach((letter) => {
      letter.waiting.delete(peer);
      letter.read.delete(peer);
    });
  }

  /** Notes that a new epoch began. */
  newEpoch(): void {
    this.book.clear();
    const authenticator = bytesToHex(this.peers[0]!.group.epochAuthenticator);
    expect(this.authenticators.has(authenticator), "an epoch authenticator comes back").toBe(false);
    this.authenticators.add(authenticator);
  }

  /** The leaf index of a member as the others see it. */
  leafOf(peer: Peer): number {
    const found = this.others(peer)[0]?.group.members() ?? peer.group.members();
    return found.find(({ credential }) => nameIn(credential) === peer.client.name)!.leafIndex;
  }
}
