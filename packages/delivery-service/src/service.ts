import {
  type CommitBundle,
  DeliveryError,
  type DeliveryService,
  type Hint,
  type NewGroup,
  type Receipt,
} from "@openmls-ts/client";
import { type CryptoProvider, equalBytes } from "@openmls-ts/traits";
import { big, blob, type Database, type Row, sha256 } from "./database.ts";
import { checkWelcome, headerOf, notMember } from "./headers.ts";
import { KeyPackages } from "./key-packages.ts";
import { readPage } from "./page.ts";
import { DEFAULT_SERVICE_LIMITS, type ServiceLimits } from "./limits.ts";

const COMMIT = 3;

/** What the service is made of. */
export interface CoreOptions {
  readonly database: Database;
  /** For the references of key packages. */
  readonly crypto: CryptoProvider;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly limits?: Partial<ServiceLimits>;
  /** Tells devices that there is something new. */
  readonly tell: (device: Uint8Array, hint: Hint) => void;
}

/** A delivery service on SQLite, without any transport. */
export class ServiceCore {
  readonly #db: Database;
  readonly #options: CoreOptions;
  readonly limits: ServiceLimits;
  readonly #keyPackages: KeyPackages;

  constructor(options: CoreOptions) {
    this.#db = options.database;
    this.#options = options;
    this.limits = { ...DEFAULT_SERVICE_LIMITS, ...options.limits };
    const { database, crypto, now } = options;
    this.#keyPackages = new KeyPackages(database, crypto, now, this.limits.keyPackages);
  }

  /** The service as a device sees it. */
  connect(device: Uint8Array): Omit<DeliveryService, "hints"> {
    const later = async <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
    return {
      hello: async () =>
        later(() => ({
          time: BigInt(this.#options.now()),
          maxMessage: this.limits.message,
          maxPage: this.limits.page,
        })),
      createGroup: async (group) => later(() => this.#create(device, group)),
      commit: async (bundle) => later(() => this.#commit(device, bundle)),
      send: async (groupId, message) => later(() => this.#send(device, groupId, message)),
      read: async (groupId, after) =>
        later(() => readPage(this.#db, this.#group(groupId), device, after, this.limits.page)),
      groupInfo: async (groupId) => later(() => this.#groupInfo(groupId)),
      pending: async () => later(() => this.#pending(device)),
      acknowledge: async (groupId, seq) => later(() => this.#acknowledge(device, groupId, seq)),
      mail: async () => later(() => this.#mail(device)),
      acknowledgeMail: async (hashes) =>
        later(() => {
          for (const hash of hashes)
            this.#db.run("delete from mail where device = ? and hash = ?", device, hash);
        }),
      devices: async (user) =>
        later(() =>
          this.#db
            .all("select device from device where user = ? order by device", user)
            .map((row) => ({ device: blob(row["device"]), user })),
        ),
      publishKeyPackages: async (keyPackages) => this.#keyPackages.publish(device, keyPackages),
      listKeyPackages: async () => later(() => this.#keyPackages.list(device)),
      deleteKeyPackages: async (refs) => later(() => this.#keyPackages.delete(device, refs)),
      claimKeyPackages: async (claim) =>
        later(() => claim.devices.map((one) => this.#keyPackages.claim(claim, one))),
      leave: async (groupId) =>
        later(() => {
          this.#db.run(
            "update member set left = (select seq from grp where group_id = ?1) where group_id = ?1 and device = ?2 and left is null",
            groupId,
            device,
          );
        }),
    };
  }

  #group(groupId: Uint8Array): Row {
    const group = this.#db.get("select * from grp where group_id = ?", groupId);
    if (group === undefined) throw new DeliveryError("unknown-group", "no such group");
    return group;
  }

  #create(device: Uint8Array, { groupId, groupInfo }: NewGroup): Receipt {
    return this.#db.transaction(() => {
      const known = this.#db.get("select creator from grp where group_id = ?", groupId);
      if (known !== undefined) {
        if (!equalBytes(blob(known["creator"]), device)) {
          throw new DeliveryError("conflict", "somebody else made a group of this id");
        }
        return { seq: 0n, epoch: 0n, duplicate: true };
      }
      this.#db.run("insert into grp values (?1, ?2, 0, 0, 0, ?3, 0, 0)", groupId, device, groupInfo ?? null);
      this.#db.run("insert into member values (?, ?, 0, null, 0)", groupId, device);
      return { seq: 0n, epoch: 0n, duplicate: false };
    });
  }

  #commit(device: Uint8Array, bundle: CommitBundle): Receipt {
    const { groupId, commit, welcome, groupInfo, added, removed, basis } = bundle;
    const size = commit.length + (welcome?.length ?? 0) + (groupInfo?.length ?? 0);
    if (size > this.limits.bundle) throw new DeliveryError("too-large", `${size} bytes`);
    const header = headerOf(commit);
    const told: Uint8Array[] = [];
    const receipt = this.#db.transaction(() => {
      const group = this.#group(groupId);
      const twin = this.#twin(groupId, commit);
      if (twin !== undefined) return { seq: twin.seq, epoch: twin.epoch + 1n, duplicate: true };
      if (header.kind !== COMMIT || !equalBytes(header.groupId, groupId)) {
        throw new DeliveryError("invalid", "not a commit of this group");
      }
      if (!header.external && !this.#isMember(groupId, device)) throw notMember();
      if (header.epoch !== big(group["epoch"]) || big(group["commit_seq"]) > basis) {
        throw new DeliveryError("conflict", `the group is in epoch ${String(group["epoch"])}`);
      }
      checkWelcome(bundle);
      const seq = this.#append(group, device, COMMIT, commit, header.epoch);
      const epoch = Number(header.epoch) + 1;
      this.#db.run("update grp set epoch = ?, commit_seq = ? where group_id = ?", epoch, seq, groupId);
      for (const one of removed) {
        this.#db.run(
          "update member set left = ? where group_id = ? and device = ? and left is null",
          seq,
          groupId,
          one,
        );
      }
      const joining = [...added.map((one) => one.device), ...(header.external ? [device] : [])];
      for (const one of joining) {
        if (!this.#isMember(groupId, one)) {
          this.#db.run("insert into member values (?1, ?2, ?3, null, ?3)", groupId, one, seq);
        }
      }
      if (welcome !== undefined) {
        const hash = sha256(welcome);
        for (const one of added) {
          this.#db.run(
            "insert or ignore into mail values (?, ?, ?, ?, ?)",
            one.device,
            hash,
            groupId,
            seq,
            welcome,
          );
          told.push(one.device);
        }
      }
      if (groupInfo !== undefined) {
        this.#db.run(
          "update grp set info = ?, info_epoch = ?, info_seq = ? where group_id = ?",
          groupInfo,
          epoch,
          seq,
          groupId,
        );
      }
      return { seq: BigInt(seq), epoch: BigInt(epoch), duplicate: false };
    });
    told.forEach((one) => this.#options.tell(one, { kind: "mail" }));
    this.#tell(groupId);
    return receipt;
  }

  #send(device: Uint8Array, groupId: Uint8Array, message: Uint8Array): Receipt {
    if (message.length > this.limits.message) throw new DeliveryError("too-large", `${message.length} bytes`);
    const header = headerOf(message);
    const receipt = this.#db.transaction(() => {
      const group = this.#group(groupId);
      const twin = this.#twin(groupId, message);
      if (twin !== undefined) return { ...twin, duplicate: true };
      if (header.kind === COMMIT || !equalBytes(header.groupId, groupId)) {
        throw new DeliveryError("invalid", "not a message or proposal of this group");
      }
      if (!this.#isMember(groupId, device)) throw notMember();
      if (header.epoch !== big(group["epoch"])) {
        throw new DeliveryError("conflict", `the group is in epoch ${String(group["epoch"])}`);
      }
      const seq = this.#append(group, device, header.kind, message, header.epoch);
      return { seq: BigInt(seq), epoch: header.epoch, duplicate: false };
    });
    this.#tell(groupId);
    return receipt;
  }

  #twin(groupId: Uint8Array, bytes: Uint8Array): { seq: bigint; epoch: bigint } | undefined {
    const row = this.#db.get(
      "select seq, epoch from log where group_id = ? and hash = ?",
      groupId,
      sha256(bytes),
    );
    return row === undefined ? undefined : { seq: big(row["seq"]), epoch: big(row["epoch"]) };
  }

  #append(group: Row, device: Uint8Array, kind: number, bytes: Uint8Array, epoch: bigint): number {
    const groupId = blob(group["group_id"]);
    const seq = Number(group["seq"]) + 1;
    this.#db.run("update grp set seq = ? where group_id = ?", seq, groupId);
    this.#db.run(
      "insert into log values (?, ?, ?, ?, ?, ?, ?, ?)",
      groupId,
      seq,
      Number(epoch),
      kind,
      device,
      sha256(bytes),
      bytes,
      this.#options.now(),
    );
    return seq;
  }

  #isMember(groupId: Uint8Array, device: Uint8Array): boolean {
    return (
      this.#db.get(
        "select 1 from member where group_id = ? and device = ? and left is null",
        groupId,
        device,
      ) !== undefined
    );
  }

  #groupInfo(groupId: Uint8Array): { epoch: bigint; seq: bigint; groupInfo: Uint8Array } {
    const group = this.#group(groupId);
    if (group["info"] === null) throw new DeliveryError("unknown-group", "no GroupInfo");
    return {
      epoch: big(group["info_epoch"]),
      seq: big(group["info_seq"]),
      groupInfo: blob(group["info"]),
    };
  }

  #pending(device: Uint8Array): { groupId: Uint8Array; head: bigint }[] {
    return this.#db
      .all(
        `select m.group_id, coalesce(m.left, g.seq) as head from member m join grp g using (group_id)
         where m.device = ? and coalesce(m.left, g.seq) > m.acked`,
        device,
      )
      .map((row) => ({ groupId: blob(row["group_id"]), head: big(row["head"]) }));
  }

  #acknowledge(device: Uint8Array, groupId: Uint8Array, seq: bigint): void {
    this.#db.run(
      "update member set acked = max(acked, min(?, coalesce(left, ?))) where group_id = ? and device = ?",
      Number(seq),
      Number(seq),
      groupId,
      device,
    );
  }

  #mail(device: Uint8Array): { hash: Uint8Array; groupId: Uint8Array; seq: bigint; welcome: Uint8Array }[] {
    return this.#db
      .all("select hash, group_id, seq, body from mail where device = ? order by hash limit 64", device)
      .map((row) => ({
        hash: blob(row["hash"]),
        groupId: blob(row["group_id"]),
        seq: big(row["seq"]),
        welcome: blob(row["body"]),
      }));
  }

  #tell(groupId: Uint8Array): void {
    const members = this.#db.all("select distinct device from member where group_id = ?", groupId);
    for (const { device } of members) this.#options.tell(blob(device), { kind: "group", groupId });
  }
}
