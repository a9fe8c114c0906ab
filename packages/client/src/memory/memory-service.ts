import {
  bytesToHex,
  type CipherSuite,
  type CryptoProvider,
  equalBytes,
  hexToBytes,
} from "@openmls-ts/traits";
import {
  type CommitBundle,
  DeliveryError,
  type DeliveryService,
  type DeviceRecord,
  type Entry,
  type EntryKind,
  type Hint,
  type MailItem,
  type NewGroup,
  type Page,
  type Receipt,
  type ServiceInfo,
} from "../delivery-service.ts";
import { headerOf, recipientsOf } from "./headers.ts";
import { KeyPackagePools } from "./key-packages.ts";
import { type Group, isMember, max, min } from "./state.ts";

/** Choices of {@link MemoryDeliveryService}. */
export interface MemoryServiceOptions {
  /** Hashes messages and key packages. */
  readonly crypto: CryptoProvider;
  /** Seconds since 1970. */
  readonly now: () => bigint;
  /** Longest message in bytes. Default: 256 KiB. */
  readonly maxMessage?: number;
  /** Most entries of a page. Default: 256. */
  readonly maxPage?: number;
}

/** A delivery service in memory: for tests, simulations and demonstrations inside one page. */
export class MemoryDeliveryService {
  readonly #suite: CipherSuite;
  readonly #now: () => bigint;
  readonly #maxMessage: number;
  readonly #maxPage: number;
  readonly #groups = new Map<string, Group>();
  readonly #users = new Map<string, DeviceRecord>();
  readonly #mail = new Map<string, Map<string, MailItem>>();
  readonly #keyPackages: KeyPackagePools;
  readonly #listeners = new Map<string, Set<(hint: Hint) => void>>();

  private constructor(
    suite: CipherSuite,
    { crypto, now, maxMessage = 256 * 1024, maxPage = 256 }: MemoryServiceOptions,
  ) {
    this.#suite = suite;
    this.#keyPackages = new KeyPackagePools(suite, crypto, now, (device) => this.#users.has(device));
    this.#now = now;
    this.#maxMessage = maxMessage;
    this.#maxPage = maxPage;
  }

  /** A service without groups and users. */
  static async create(options: MemoryServiceOptions): Promise<MemoryDeliveryService> {
    return new MemoryDeliveryService(await options.crypto.cipherSuite(1), options);
  }

  /** The service as one device of a user sees it; who the device is, is believed. */
  connect(record: DeviceRecord): DeliveryService {
    const own = bytesToHex(record.device);
    this.#users.set(own, record);
    const later = async <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
    return {
      hello: async () => later(() => this.#hello()),
      createGroup: async (group) => later(() => this.#create(own, group)),
      commit: async (bundle) => later(() => this.#commit(own, bundle)),
      send: async (groupId, message) => later(() => this.#send(own, groupId, message)),
      read: async (groupId, after) => later(() => this.#read(own, groupId, after)),
      groupInfo: async (groupId) => later(() => this.#groupInfo(groupId)),
      pending: async () => later(() => this.#pending(own)),
      acknowledge: async (groupId, seq) => later(() => this.#acknowledge(own, groupId, seq)),
      mail: async () => later(() => [...(this.#mail.get(own)?.values() ?? [])]),
      acknowledgeMail: async (hashes) =>
        later(() => hashes.forEach((hash) => this.#mail.get(own)?.delete(bytesToHex(hash)))),
      devices: async (user) => later(() => [...this.#users.values()].filter((one) => one.user === user)),
      publishKeyPackages: async (keyPackages) => this.#keyPackages.publish(own, keyPackages),
      listKeyPackages: async () => later(() => this.#keyPackages.list(own)),
      deleteKeyPackages: async (refs) => later(() => this.#keyPackages.delete(own, refs)),
      claimKeyPackages: async (claim) =>
        later(() => claim.devices.map((device) => this.#keyPackages.claim(claim, device))),
      leave: async (groupId) => later(() => this.#leave(own, groupId)),
      hints: (listener) => this.#hints(own, listener),
    };
  }

  /** Every entry of a group, for who checks the service. */
  log(groupId: Uint8Array): readonly Entry[] {
    return this.#group(groupId).log;
  }

  /** Who could read which entries, for who checks the service: after `joined`, up to `left`. */
  memberships(
    groupId: Uint8Array,
  ): readonly { readonly device: string; readonly joined: bigint; readonly left: bigint | undefined }[] {
    return this.#group(groupId).members.map(({ device, joined, left }) => ({ device, joined, left }));
  }

  #hello(): ServiceInfo {
    return { time: this.#now(), maxMessage: this.#maxMessage, maxPage: this.#maxPage };
  }

  #group(groupId: Uint8Array): Group {
    const group = this.#groups.get(bytesToHex(groupId));
    if (group === undefined) throw new DeliveryError("unknown-group", "no such group");
    return group;
  }

  #create(own: string, { groupId, groupInfo }: NewGroup): Receipt {
    const key = bytesToHex(groupId);
    const known = this.#groups.get(key);
    if (known !== undefined) {
      if (known.creator !== own) throw new DeliveryError("conflict", "somebody else made a group of this id");
      return { seq: 0n, epoch: 0n, duplicate: true };
    }
    this.#groups.set(key, {
      creator: own,
      epoch: 0n,
      seq: 0n,
      commitSeq: 0n,
      log: [],
      hashes: new Map(),
      members: [{ device: own, joined: 0n, left: undefined, acked: 0n }],
      groupInfo: groupInfo === undefined ? undefined : { epoch: 0n, seq: 0n, groupInfo },
    });
    return { seq: 0n, epoch: 0n, duplicate: false };
  }

  #commit(own: string, bundle: CommitBundle): Receipt {
    const group = this.#group(bundle.groupId);
    const hash = bytesToHex(this.#suite.hash(bundle.commit));
    const twin = group.hashes.get(hash);
    if (twin !== undefined)
      return { seq: twin, epoch: group.log[Number(twin) - 1]!.epoch + 1n, duplicate: true };
    const header = headerOf(bundle.commit);
    if (header.kind !== "commit" || !equalBytes(header.groupId, bundle.groupId)) {
      throw new DeliveryError("invalid", "not a commit of this group");
    }
    if (!header.external && !isMember(group, own)) throw new DeliveryError("not-allowed", "not a member");
    if (header.epoch !== group.epoch || group.commitSeq > bundle.basis) {
      throw new DeliveryError("conflict", `the group is in epoch ${group.epoch}`);
    }
    this.#checkWelcome(bundle);
    const seq = this.#append(group, own, "commit", bundle.commit, header.epoch, hash);
    group.epoch++;
    group.commitSeq = seq;
    for (const member of group.members) {
      const gone = bundle.removed.some((device) => bytesToHex(device) === member.device);
      if (gone && member.left === undefined) member.left = seq;
    }
    const joining = bundle.added.map(({ device }) => bytesToHex(device));
    if (header.external) joining.push(own);
    for (const device of joining) {
      if (!isMember(group, device)) group.members.push({ device, joined: seq, left: undefined, acked: seq });
    }
    const { welcome, groupInfo, groupId } = bundle;
    if (welcome !== undefined) {
      const item: MailItem = { hash: this.#suite.hash(welcome), groupId, seq, welcome };
      for (const { device } of bundle.added) this.#deliver(bytesToHex(device), item);
    }
    if (groupInfo !== undefined) group.groupInfo = { epoch: group.epoch, seq, groupInfo };
    this.#tell(group, groupId);
    return { seq, epoch: group.epoch, duplicate: false };
  }

  /** The Welcome is for exactly those who are added. */
  #checkWelcome({ welcome, added }: CommitBundle): void {
    const refs = welcome === undefined ? [] : recipientsOf(welcome);
    const expected = added.map(({ keyPackageRef }) => bytesToHex(keyPackageRef));
    if (refs.length !== expected.length || refs.some((ref) => !expected.includes(ref))) {
      throw new DeliveryError("invalid", "the Welcome is not for those who are added");
    }
  }

  #deliver(device: string, item: MailItem): void {
    const box = this.#mail.get(device) ?? new Map<string, MailItem>();
    box.set(bytesToHex(item.hash), item);
    this.#mail.set(device, box);
    this.#hint(device, { kind: "mail" });
  }

  #send(own: string, groupId: Uint8Array, message: Uint8Array): Receipt {
    const group = this.#group(groupId);
    const hash = bytesToHex(this.#suite.hash(message));
    const twin = group.hashes.get(hash);
    if (twin !== undefined) return { seq: twin, epoch: group.log[Number(twin) - 1]!.epoch, duplicate: true };
    if (message.length > this.#maxMessage) throw new DeliveryError("too-large", `${message.length} bytes`);
    const header = headerOf(message);
    if (header.kind === "commit" || !equalBytes(header.groupId, groupId)) {
      throw new DeliveryError("invalid", "not a message or proposal of this group");
    }
    if (!isMember(group, own)) throw new DeliveryError("not-allowed", "not a member");
    if (header.epoch !== group.epoch) {
      throw new DeliveryError("conflict", `the group is in epoch ${group.epoch}`);
    }
    const seq = this.#append(group, own, header.kind, message, header.epoch, hash);
    this.#tell(group, groupId);
    return { seq, epoch: group.epoch, duplicate: false };
  }

  #append(
    group: Group,
    own: string,
    kind: EntryKind,
    bytes: Uint8Array,
    epoch: bigint,
    hash: string,
  ): bigint {
    const seq = ++group.seq;
    const sender = this.#users.get(own)!.device;
    group.log.push({ seq, epoch, kind, sender, time: this.#now(), bytes: new Uint8Array(bytes) });
    group.hashes.set(hash, seq);
    return seq;
  }

  #read(own: string, groupId: Uint8Array, after: bigint): Page {
    const group = this.#group(groupId);
    const intervals = group.members.filter(({ device }) => device === own);
    if (intervals.length === 0) throw new DeliveryError("unknown-group", "no such group");
    const head = intervals.reduce((last, { left }) => max(last, left ?? group.seq), 0n);
    const through = min(head, after + BigInt(this.#maxPage));
    const entries: Entry[] = [];
    const holes: { from: bigint; to: bigint; why: "not-member" }[] = [];
    for (let seq = after + 1n; seq <= through; seq++) {
      if (intervals.some(({ joined, left }) => seq > joined && seq <= (left ?? group.seq))) {
        entries.push(group.log[Number(seq) - 1]!);
      } else {
        holes.push({ from: seq, to: seq, why: "not-member" });
      }
    }
    return { entries, holes, through: max(through, after), head, epoch: group.epoch };
  }

  #groupInfo(groupId: Uint8Array): { epoch: bigint; seq: bigint; groupInfo: Uint8Array } {
    const { groupInfo } = this.#group(groupId);
    if (groupInfo === undefined) throw new DeliveryError("unknown-group", "no GroupInfo");
    return groupInfo;
  }

  #pending(own: string): { groupId: Uint8Array; head: bigint }[] {
    const found: { groupId: Uint8Array; head: bigint }[] = [];
    for (const [key, group] of this.#groups) {
      for (const { device, left, acked } of group.members) {
        const head = left ?? group.seq;
        if (device === own && head > acked) found.push({ groupId: hexToBytes(key), head });
      }
    }
    return found;
  }

  #acknowledge(own: string, groupId: Uint8Array, seq: bigint): void {
    for (const member of this.#group(groupId).members) {
      if (member.device === own) member.acked = max(member.acked, min(seq, member.left ?? seq));
    }
  }

  #leave(own: string, groupId: Uint8Array): void {
    const group = this.#group(groupId);
    for (const member of group.members) {
      if (member.device === own && member.left === undefined) member.left = group.seq;
    }
  }

  #hints(own: string, listener: (hint: Hint) => void): { close(): void } {
    const listeners = this.#listeners.get(own) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(own, listeners);
    return { close: () => void listeners.delete(listener) };
  }

  #hint(device: string, hint: Hint): void {
    this.#listeners.get(device)?.forEach((listener) => listener(hint));
  }

  #tell(group: Group, groupId: Uint8Array): void {
    for (const { device } of group.members) this.#hint(device, { kind: "group", groupId });
  }
}
