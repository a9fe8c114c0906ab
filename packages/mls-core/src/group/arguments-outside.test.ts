import { utf8 } from "@openmls-ts/traits";
import { describe } from "vitest";
import {
  deleteExternalPsk,
  MlsGroup,
  ProcessedWelcome,
  proposeAsExternalSender,
  proposeToJoin,
  proposals,
  PublicGroup,
  splitWelcome,
  StagedWelcome,
  storeExternalPsk,
} from "../index.ts";
import { keyPackageOf } from "../testing/client.ts";
import { newcomer, type World } from "../testing/world.ts";
import { itRefusesByName, type WrongCalls, type WrongCase } from "../testing/wrong-arguments.ts";

const bytes = utf8("bytes");

const info = async ({ alice }: World): Promise<Uint8Array> => alice.group.exportGroupInfo(alice.signer);
const other = async (all: World): Promise<Parameters<typeof MlsGroup.joinByExternalCommit>> => {
  const dave = await newcomer("dave");
  const options = { groupInfo: await info(all), credentialWithKey: dave.credentialWithKey };
  return [dave.provider, dave.signer, options];
};
const TARGET = { cipherSuite: 1, groupId: bytes, epoch: 0n };

const CALLS: WrongCalls = {
  "StagedWelcome.fromWelcome": [
    ["crypto", "object", async (_, w) => StagedWelcome.fromWelcome(w, bytes)],
    ["welcome", "bytes", async ({ alice: a }, w) => StagedWelcome.fromWelcome(a.provider, w)],
    ["options", "options", async ({ alice: a }, w) => StagedWelcome.fromWelcome(a.provider, bytes, w)],
    [
      "replaceOldGroup",
      "boolean",
      async ({ alice: a }, w) => StagedWelcome.fromWelcome(a.provider, bytes, { replaceOldGroup: w }),
    ],
    [
      "ratchetTree",
      "bytes or nothing",
      async ({ alice: a }, w) => StagedWelcome.fromWelcome(a.provider, bytes, { ratchetTree: w }),
    ],
  ],
  "ProcessedWelcome, splitWelcome": [
    ["crypto", "object", async (_, w) => ProcessedWelcome.fromWelcome(w, bytes)],
    ["welcome", "bytes", async ({ alice: a }, w) => ProcessedWelcome.fromWelcome(a.provider, w)],
    ["welcome", "bytes", async ({ alice: a }, w) => Promise.resolve(splitWelcome(a.provider, w))],
  ],
  "MlsGroup.externalCommitBuilder": [
    ["crypto", "object", async (all, w) => MlsGroup.externalCommitBuilder(w, await info(all))],
    ["groupInfo", "bytes", async ({ alice: a }, w) => MlsGroup.externalCommitBuilder(a.provider, w)],
    [
      "ratchetTree",
      "bytes or nothing",
      async (all, w) => MlsGroup.externalCommitBuilder(all.alice.provider, await info(all), w),
    ],
  ],
  "MlsGroup.joinByExternalCommit": [
    [
      "crypto",
      "object",
      async (all, w) => MlsGroup.joinByExternalCommit(w, (await other(all))[1], (await other(all))[2]),
    ],
    [
      "signer",
      "signer",
      async (all, w) => {
        const [p, , o] = await other(all);
        return MlsGroup.joinByExternalCommit(p, w, o);
      },
    ],
    [
      "options|credentialWithKey",
      "object",
      async (all, w) => {
        const [p, s] = await other(all);
        return MlsGroup.joinByExternalCommit(p, s, w);
      },
    ],
    ...(
      [
        ["groupInfo", "bytes"],
        ["ratchetTree", "bytes or nothing"],
        ["authenticatedData", "bytes or nothing"],
        ["credentialWithKey", "object"],
        ["resync", "number or nothing"],
        ["proposals", "list or nothing"],
        ["psks|psk", "list or nothing"],
        ["leafNodeExtensions", "list or nothing"],
      ] as const
    ).map(([name, kind]): WrongCase => [
      name,
      kind,
      async (all, w) => {
        const [p, s, o] = await other(all);
        return MlsGroup.joinByExternalCommit(p, s, { ...o, [name.split("|")[0]!]: w });
      },
    ]),
  ],
  PublicGroup: [
    ["crypto", "object", async (all, w) => PublicGroup.fromGroupInfo(w, await info(all))],
    ["groupInfo", "bytes", async ({ alice: a }, w) => PublicGroup.fromGroupInfo(a.provider, w)],
    [
      "ratchetTree",
      "bytes or nothing",
      async (all, w) => PublicGroup.fromGroupInfo((await newcomer("server")).provider, await info(all), w),
    ],
    ["groupId", "bytes", async ({ alice: a }, w) => PublicGroup.load(a.provider, w)],
    ["crypto", "object", async (_, w) => PublicGroup.list(w)],
    ...(
      [
        ["processMessage", "message", "bytes"],
        ["mergeCommit", "commit", "object"],
        ["storePendingProposal", "reference", "bytes"],
        ["removePendingProposal", "reference", "bytes"],
      ] as const
    ).map(([method, name, kind]): WrongCase => [
      name,
      kind,
      async (all, w) => {
        const seen = await PublicGroup.fromGroupInfo((await newcomer("server")).provider, await info(all));
        return seen[method](w);
      },
    ]),
  ],
  "proposals from outside": [
    [
      "signer",
      "signer",
      async ({ alice: a }, w) => proposeAsExternalSender(a.provider, w, TARGET, 0, proposals.remove(0)),
    ],
    [
      "groupId",
      "object",
      async ({ alice: a }, w) => proposeAsExternalSender(a.provider, a.signer, w, 0, proposals.remove(0)),
    ],
    [
      "groupId",
      "bytes",
      async ({ alice: a }, w) =>
        proposeAsExternalSender(a.provider, a.signer, { ...TARGET, groupId: w }, 0, proposals.remove(0)),
    ],
    [
      "epoch",
      "bigint",
      async ({ alice: a }, w) =>
        proposeAsExternalSender(a.provider, a.signer, { ...TARGET, epoch: w }, 0, proposals.remove(0)),
    ],
    [
      "senderIndex",
      "number",
      async ({ alice: a }, w) =>
        proposeAsExternalSender(a.provider, a.signer, TARGET, w, proposals.remove(0)),
    ],
    [
      "proposal",
      "object",
      async ({ alice: a }, w) => proposeAsExternalSender(a.provider, a.signer, TARGET, 0, w),
    ],
    [
      "crypto",
      "object",
      async ({ alice: a }, w) => proposeAsExternalSender(w, a.signer, TARGET, 0, proposals.remove(0)),
    ],
    ["keyPackage", "keyPackage", async ({ alice: a }, w) => proposeToJoin(a.provider, a.signer, TARGET, w)],
    [
      "groupId",
      "object",
      async ({ alice: a, bob }, w) => proposeToJoin(a.provider, a.signer, w, await keyPackageOf(bob)),
    ],
  ],
  "PSKs of the application": [
    ["pskId", "bytes", async ({ alice: a }, w) => storeExternalPsk(a.storage, w, bytes)],
    ["psk", "bytes", async ({ alice: a }, w) => storeExternalPsk(a.storage, bytes, w)],
    ["pskId", "bytes", async ({ alice: a }, w) => deleteExternalPsk(a.storage, w)],
  ],
};

describe("what is not what it should be is refused by name, and nothing happens", () => {
  itRefusesByName(CALLS);
});
