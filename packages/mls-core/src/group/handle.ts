import {
  type CredentialValidator,
  equalBytes,
  MlsError,
  type MlsProvider,
  type Signer,
} from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import {
  type AlsoWrite,
  Batch,
  eraseRecords,
  firstRevision,
  type GroupRecords,
  isMember,
  loadGroup,
  type PublicState,
  revisionValue,
  wipeMember,
  writeAlso,
} from "../store/index.ts";
import { storageOf } from "../typed-storage.ts";
import { OperationQueue } from "./queue.ts";

/** One operation on a group: what it writes, and what the group is afterwards. */
export interface Transaction<S extends PublicState> {
  readonly batch: Batch;
  /** What takes effect, and what is done, once the batch is written. */
  readonly commit: (next: Partial<S>, afterwards?: () => void) => void;
  /** What is done if the batch cannot be written, or the work fails. */
  readonly onFailure: (undo: () => void) => void;
  /** Deletes every record of the group, in the store and in memory; a join that waits only with the word "deleted". */
  readonly erase: (status: "removed" | "deleted") => void;
}

/** A group in memory: an immutable state, and the one way to another one, through the store. */
export class GroupHandle<S extends PublicState> {
  readonly env: Environment;
  readonly records: GroupRecords;
  readonly #queue: OperationQueue;
  #state: S;
  #revision: bigint | undefined;

  constructor(env: Environment, records: GroupRecords, state: S, revision: bigint | undefined) {
    this.#queue = new OperationQueue(env.provider.asyncContext);
    this.env = guarded(env, this.#queue);
    this.records = records;
    this.#state = state;
    this.#revision = revision;
  }

  get state(): S {
    return this.#state;
  }

  /** A signer whose calls are known to be this group's. */
  signer(signer: Signer): Signer {
    return {
      publicKey: signer.publicKey,
      sign: async (message) => this.callback(async () => signer.sign(message)),
    };
  }

  /** Calls code of the application that an operation needs. */
  async callback<T>(call: () => Promise<T>): Promise<T> {
    return this.#queue.callback(call);
  }

  /** Runs something that writes nothing, in its turn. */
  async read<T>(work: (state: S) => Promise<T>): Promise<T> {
    return this.#queue.run(async () => work(this.#state));
  }

  /**
   * The one way in which a group changes: works something out from the present state, writes what it asks for in one
   * batch, on condition that nobody else wrote since, and only then puts the next state in force.
   * @param alsoWrite what the application writes along
   * @throws MlsError `ERR_MLS_STORAGE_CONFLICT`, `ERR_MLS_STORAGE`, and what the work throws; nothing has changed then
   */
  async transact<T>(
    work: (state: S, transaction: Transaction<S>) => Promise<T>,
    alsoWrite?: AlsoWrite<T>,
  ): Promise<T> {
    return this.#queue.run(async () => {
      const batch = new Batch();
      let next: Partial<S> = {};
      const afterwards: (() => void)[] = [];
      const failed: (() => void)[] = [];
      let erased: "removed" | "deleted" | undefined;
      try {
        const result = await work(this.#state, {
          batch,
          commit: (changes, done) => {
            next = { ...next, ...changes };
            if (done !== undefined) afterwards.push(done);
          },
          onFailure: (undo) => failed.push(undo),
          erase: (status) => {
            erased = status;
            eraseRecords(batch, this.records, status === "deleted");
          },
        });
        if (alsoWrite !== undefined) {
          await this.callback(async () => writeAlso(batch, alsoWrite, result));
        }
        if (!batch.empty) {
          await this.#write(batch, erased === undefined);
        }
        this.#state = { ...this.#state, ...next, ...(erased === undefined ? {} : { status: erased }) };
        afterwards.forEach((done) => done());
        if (erased !== undefined) {
          wipeState(this.#state);
          this.#state = { ...this.#state, pending: undefined, proposals: [] };
        }
        return result;
      } catch (error) {
        failed.forEach((undo) => undo());
        throw error;
      } finally {
        batch.wipe();
      }
    });
  }

  /** Deletes every record of the group. @throws MlsError `ERR_MLS_STORAGE_CONFLICT`, `ERR_MLS_STORAGE` */
  async delete(alsoWrite?: AlsoWrite<void>): Promise<void> {
    await this.transact(async ({ status }, transaction) => {
      if (status !== "removed" && status !== "deleted") {
        transaction.erase("deleted");
      }
    }, alsoWrite);
  }

  /**
   * Takes over what is in the store now; costs one read where nobody else wrote.
   * @returns false when the group is not there any more
   */
  async reload(): Promise<boolean> {
    return this.#queue.run(async () => {
      if (this.#state.status !== "closed" && (await this.#isCurrent())) {
        return true;
      }
      const loaded = await loadGroup(this.env.provider, this.records.groupId);
      if (loaded === undefined) {
        return false;
      }
      const old = this.#state;
      this.#state = loaded.state as S;
      this.#revision = loaded.revision;
      if (old.status !== "closed") {
        wipeState(old);
      }
      return true;
    });
  }

  /** Gives up the secrets in memory; the group stays in the store. */
  async close(): Promise<void> {
    await this.#queue.run(async () => {
      if (this.#state.status === "active" || this.#state.status === "reinitialized") {
        wipeState(this.#state);
        this.#state = { ...this.#state, status: "closed" };
      }
    });
  }

  /** Whether the store is as this object left it: everything that is written raises the revision. */
  async #isCurrent(): Promise<boolean> {
    const present = this.#revision;
    const stored = await storageOf(this.env.provider).get(this.records.key("group_revision"));
    return present !== undefined && stored !== undefined && equalBytes(stored, revisionValue(present));
  }

  async #write(batch: Batch, lives: boolean): Promise<void> {
    const present = this.#revision;
    const key = this.records.key("group_revision");
    const next = present === undefined ? firstRevision(this.env.suite) : present + 1n;
    batch.expect(key, present === undefined ? undefined : revisionValue(present));
    if (lives) {
      batch.put({ key, value: revisionValue(next) });
    }
    await storageOf(this.env.provider).write(batch.toStorageBatch());
    this.#revision = next;
  }
}

function wipeState(state: PublicState): void {
  if (isMember(state)) {
    wipeMember(state);
  }
}

/** The environment with callbacks of the application that are known to be this group's. */
function guarded(env: Environment, queue: OperationQueue): Environment {
  const { provider, rules } = env;
  const validator = provider.credentialValidator;
  const credentialValidator: CredentialValidator = {
    validate: async (subject) => queue.callback(async () => validator.validate(subject)),
    ...(validator.validateAll === undefined
      ? {}
      : { validateAll: async (subjects) => queue.callback(async () => validator.validateAll!(subjects)) }),
    ...(validator.isSuccessor === undefined
      ? {}
      : { isSuccessor: async (a, b) => queue.callback(async () => validator.isSuccessor!(a, b)) }),
  };
  return {
    ...env,
    provider: Object.assign(Object.create(provider) as MlsProvider, { credentialValidator }),
    rules:
      rules.allow === undefined
        ? rules
        : { ...rules, allow: async (facts) => queue.callback(async () => rules.allow!(facts)) },
  };
}

const INACTIVE = { reinitialized: "rfc78", removed: "rfc100", deleted: "rfc66", closed: "rfc66" } as const; // RFC 9420 §12.4.2, 9.2

/** @throws MlsError `ERR_MLS_GROUP_INACTIVE` unless the group goes on. @param orReinitialized whether it may have ended by a ReInit */
export function requireActive({ status }: PublicState, orReinitialized = false): void {
  if (status !== "active" && !(orReinitialized && status === "reinitialized")) {
    const what = {
      reinitialized: "the group was reinitialized: it goes on in another one",
      removed: "this client was removed from the group",
      deleted: "the group was deleted here",
      closed: "this object was closed: load the group again",
    }[status];
    throw new MlsError("ERR_MLS_GROUP_INACTIVE", what, { rule: INACTIVE[status] });
  }
}
