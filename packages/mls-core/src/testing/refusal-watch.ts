// Set up by `pnpm validation` before each file of tests: looks at every refusal with a rule at the public doors, whoever
// provoked it, and fails the file where memory or store are not as they were. What it saw goes to the file MLS_REFUSALS.
import { appendFileSync } from "node:fs";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { isMlsError } from "@openmls-ts/traits";
import { afterAll } from "vitest";
import { KeyPackage, KeyPackageIn, MlsGroup, PublicGroup, StagedWelcome } from "../index.ts";
import { CommitBuilder } from "../group/commit/commit-builder.ts";
import { GroupHandle } from "../group/handle.ts";
import { ExternalCommitBuilder } from "../group/join/external-commit-builder.ts";
import { Refusals, type Side } from "./refusals.ts";

type Call = (this: object, ...args: unknown[]) => Promise<unknown>;

const refusals = new Refusals();

/** Puts something around a method. */
function around(owner: object, name: string, make: (call: Call) => Call): void {
  const methods = owner as Record<string, Call | undefined>;
  const call = methods[name];
  if (call === undefined) throw new Error(`there is no ${name} to be watched`);
  Object.defineProperty(owner, name, { value: make(call), configurable: true, writable: true });
}

const storageIn = (value: unknown): object | undefined => {
  const storage = (value as { readonly storage?: object } | null | undefined)?.storage;
  return (storage as { readonly inner?: object } | undefined)?.inner ?? storage;
};

around(
  Object.getPrototypeOf(memoryStorage()) as object,
  "write",
  (write) =>
    async function (this: object, ...args) {
      await write.apply(this, args);
      refusals.written(this);
    },
);

around(
  GroupHandle.prototype,
  "transact",
  (transact) =>
    async function (this: object, work, ...rest) {
      const handle = this as GroupHandle<never>;
      const storage = storageIn(handle.env.provider);
      let before: { readonly state: unknown; readonly writes: number } | undefined;
      const seen = async (state: unknown, ...more: unknown[]): Promise<unknown> => {
        before = { state, writes: refusals.writesOf(storage) };
        return (work as (...args: unknown[]) => Promise<unknown>)(state, ...more);
      };
      try {
        return await transact.call(this, seen, ...rest);
      } catch (error) {
        const same = before === undefined || handle.state === before.state;
        const written = before !== undefined && refusals.writesOf(storage) !== before.writes;
        refusals.judged(error, same && !written);
        throw error;
      }
    },
);

/** @param provider where the store is that may not change, of calls that are no group's */
function watch(
  owner: object,
  names: string,
  side: Side,
  provider?: (args: readonly unknown[]) => unknown,
): void {
  for (const name of names.split(" ")) {
    around(
      owner,
      name,
      (call) =>
        async function (this: object, ...args) {
          const storage = provider === undefined ? undefined : storageIn(provider(args));
          const before = refusals.writesOf(storage);
          try {
            return await call.apply(this, args);
          } catch (error) {
            const rule = isMlsError(error) ? error.rule : undefined;
            if (rule !== undefined)
              refusals.refused(error, rule, side, name, refusals.writesOf(storage) === before);
            throw error;
          }
        },
    );
  }
}
const first = ([provider]: readonly unknown[]): unknown => provider;
watch(
  MlsGroup.prototype,
  "processMessage mergeStagedCommit validateKeyPackageForAdd storePendingProposal",
  "receive",
);
watch(PublicGroup.prototype, "processMessage mergeCommit", "receive");
watch(
  MlsGroup.prototype,
  "propose queueProposal createMessage exportGroupInfo branch reinitialize use",
  "send",
);
watch(PublicGroup.prototype, "propose", "send");
watch(CommitBuilder.prototype, "build", "send");
watch(ExternalCommitBuilder.prototype, "build", "send");
watch(MlsGroup, "load", "receive", first);
watch(PublicGroup, "load", "receive", first);
watch(StagedWelcome, "fromWelcome", "receive", first);
watch(PublicGroup, "fromGroupInfo", "receive", first);
watch(MlsGroup, "externalCommitBuilder", "receive", first);
watch(MlsGroup, "joinByExternalCommit", "send", first);
watch(KeyPackageIn.prototype, "validate", "receive", first);
watch(
  Object.getPrototypeOf(KeyPackage.builder()) as object,
  "buildMany",
  "send",
  ([, , provider]) => provider,
);

afterAll(() => {
  const file = process.env["MLS_REFUSALS"];
  if (file !== undefined) for (const line of refusals.lines()) appendFileSync(file, `${line}\n`);
  refusals.expectNothingChanged();
});
