import { utf8 } from "@openmls-ts/traits";
import { describe } from "vitest";
import { MlsGroup, proposals } from "../index.ts";
import { createGroup, keyPackageOf, ownerOf } from "../testing/client.ts";
import { itRefusesByName, type WrongCalls } from "../testing/wrong-arguments.ts";

const bytes = utf8("bytes");

const CALLS: WrongCalls = {
  "MlsGroup.create": [
    [
      "crypto",
      "object",
      async ({ alice: a }, w) => MlsGroup.create(w, a.signer, a.credentialWithKey, { cipherSuite: 1 }),
    ],
    [
      "signer",
      "signer",
      async ({ alice: a }, w) => MlsGroup.create(a.provider, w, a.credentialWithKey, { cipherSuite: 1 }),
    ],
    [
      "credentialWithKey",
      "object",
      async ({ alice: a }, w) => MlsGroup.create(a.provider, a.signer, w, { cipherSuite: 1 }),
    ],
    [
      "creation|cipherSuite",
      "object",
      async ({ alice: a }, w) => MlsGroup.create(a.provider, a.signer, a.credentialWithKey, w),
    ],
    [
      "groupId",
      "bytes or nothing",
      async ({ alice: a }, w) =>
        MlsGroup.create(a.provider, a.signer, a.credentialWithKey, { cipherSuite: 1, groupId: w }),
    ],
    ["config", "options", async ({ alice: a }, w) => createGroup(a, w)],
    [
      "extensions",
      "list or nothing",
      async ({ alice: a }, w) =>
        MlsGroup.create(a.provider, a.signer, a.credentialWithKey, {
          cipherSuite: 1,
          extensions: w,
        }),
    ],
    [
      "lifetime",
      "object or nothing",
      async ({ alice: a }, w) =>
        MlsGroup.create(a.provider, a.signer, a.credentialWithKey, { cipherSuite: 1, lifetime: w }),
    ],
    [
      "capabilities",
      "options",
      async ({ alice: a }, w) =>
        MlsGroup.create(a.provider, a.signer, a.credentialWithKey, { cipherSuite: 1, capabilities: w }),
    ],
  ],
  "MlsGroup.load and list": [
    ["crypto", "object", async ({ alice: a }, w) => MlsGroup.load(w, a.group.groupId)],
    ["groupId", "bytes", async ({ alice: a }, w) => MlsGroup.load(a.provider, w)],
    ["crypto", "object", async (_, w) => MlsGroup.list(w)],
    ["groupId", "bytes", async ({ alice: a }, w) => MlsGroup.pendingExternalJoin(a.provider, w)],
  ],
  createMessage: [
    ["signer", "signer", async ({ alice: a }, w) => a.group.createMessage(w, bytes)],
    ["data", "bytes", async ({ alice: a }, w) => a.group.createMessage(a.signer, w)],
    ["options", "options", async ({ alice: a }, w) => a.group.createMessage(a.signer, bytes, w)],
    [
      "authenticatedData",
      "bytes or nothing",
      async ({ alice: a }, w) => a.group.createMessage(a.signer, bytes, { authenticatedData: w }),
    ],
  ],
  "what comes in": [
    ["message", "bytes", async ({ alice: a }, w) => a.group.processMessage(w)],
    ["commit", "object", async ({ alice: a }, w) => a.group.mergeStagedCommit(w)],
    ["reference", "bytes", async ({ alice: a }, w) => a.group.removePendingProposal(w)],
    ["reference", "bytes", async ({ alice: a }, w) => a.group.restorePendingProposal(w)],
    ["reference", "bytes", async ({ alice: a }, w) => a.group.storePendingProposal(w)],
  ],
  propose: [
    ["signer", "signer", async ({ alice: a }, w) => a.group.propose(w, proposals.remove(1))],
    ["proposal", "object", async ({ alice: a }, w) => a.group.propose(a.signer, w)],
    ["options", "options", async ({ alice: a }, w) => a.group.propose(a.signer, proposals.remove(1), w)],
    [
      "authenticatedData",
      "bytes or nothing",
      async ({ alice: a }, w) => a.group.propose(a.signer, proposals.remove(1), { authenticatedData: w }),
    ],
    ["signer", "signer", async ({ alice: a }, w) => a.group.leave(w)],
    ["options", "options", async ({ alice: a }, w) => a.group.leave(a.signer, w)],
  ],
  "the makers of proposals": [
    ["keyPackage", "keyPackage", async ({ alice: a }, w) => a.group.propose(a.signer, proposals.add(w))],
    ["member", "number", async ({ alice: a }, w) => a.group.propose(a.signer, proposals.remove(w))],
    ["leafNodeParameters", "options", (_, w) => proposals.update(w)],
    ["newSigner", "signer or nothing", (_, w) => proposals.update({}, w)],
    ["pskId", "bytes", (_, w) => proposals.externalPsk(w)],
    ["resumptionPsk|groupId", "object", (_, w) => proposals.resumptionPsk(w)],
    ["groupId", "bytes", (_, w) => proposals.resumptionPsk({ groupId: w, epoch: 0n })],
    ["epoch", "bigint", (_, w) => proposals.resumptionPsk({ groupId: bytes, epoch: w })],
    ["psk", "object", async ({ alice: a }, w) => a.group.propose(a.signer, proposals.psk(w))],
    ["extensions", "list", (_, w) => proposals.groupContextExtensions(w)],
    ["reinit|groupId", "object", (_, w) => proposals.reinit(w)],
    ["groupId", "bytes", (_, w) => proposals.reinit({ groupId: w, cipherSuite: 1 })],
    ["cipherSuite", "number", (_, w) => proposals.reinit({ groupId: bytes, cipherSuite: w })],
    [
      "version",
      "number or nothing",
      (_, w) => proposals.reinit({ groupId: bytes, cipherSuite: 1, version: w }),
    ],
  ],
  commits: [
    ["signer", "signer", async ({ alice: a }, w) => a.group.selfUpdate(w)],
    ["leafNodeParameters", "options", async ({ alice: a }, w) => a.group.selfUpdate(a.signer, w)],
    ["newSigner", "signer or nothing", async ({ alice: a }, w) => a.group.selfUpdate(a.signer, {}, w)],
    ["options", "options", async ({ alice: a }, w) => a.group.selfUpdate(a.signer, {}, undefined, w)],
    ["signer", "signer", async ({ alice: a, bob }, w) => a.group.addMembers(w, [await keyPackageOf(bob)])],
    ["keyPackages|keyPackage", "list", async ({ alice: a }, w) => a.group.addMembers(a.signer, w)],
    ["keyPackage", "keyPackage", async ({ alice: a }, w) => a.group.addMembers(a.signer, [w])],
    ["members|member", "list", async ({ alice: a }, w) => a.group.removeMembers(a.signer, w)],
    ["member", "number", async ({ alice: a }, w) => a.group.removeMembers(a.signer, [w])],
    [
      "groupInfo",
      "boolean or options",
      async ({ alice: a }, w) => a.group.removeMembers(a.signer, [1], { groupInfo: w }),
    ],
    ["signer", "signer", async ({ alice: a }, w) => a.group.commitToPendingProposals(w)],
    ["options", "options", async ({ alice: a }, w) => a.group.commitToPendingProposals(a.signer, w)],
    ["signer", "signer", async ({ alice: a }, w) => a.group.commit().build(w)],
    ["proposal", "object", async ({ alice: a }, w) => a.group.commit().propose(w).build(a.signer)],
    ["psk", "object", async ({ alice: a }, w) => a.group.commit().injectPsk(w).build(a.signer)],
    [
      "authenticatedData",
      "bytes",
      async ({ alice: a }, w) => a.group.commit().authenticatedData(w).build(a.signer),
    ],
    ["force", "boolean", async ({ alice: a }, w) => a.group.commit().forceSelfUpdate(w).build(a.signer)],
    [
      "groupInfo",
      "boolean or options",
      async ({ alice: a }, w) => a.group.commit().createGroupInfo(w).build(a.signer),
    ],
    [
      "include",
      "function",
      async ({ alice: a }, w) =>
        a.group
          .commit()
          .includePendingProposals(w === true ? null! : w)
          .build(a.signer),
    ],
  ],
  "what a member exports": [
    ["label", "text", ({ alice: a }, w) => a.group.exportSecret(w, bytes, 16)],
    ["context", "bytes", ({ alice: a }, w) => a.group.exportSecret("label", w, 16)],
    ["length", "number", ({ alice: a }, w) => a.group.exportSecret("label", bytes, w)],
    ["signer", "signer", async ({ alice: a }, w) => a.group.exportGroupInfo(w)],
    ["choices", "options", async ({ alice: a }, w) => a.group.exportGroupInfo(a.signer, w)],
    [
      "externalPub",
      "boolean",
      async ({ alice: a }, w) => a.group.exportGroupInfo(a.signer, { externalPub: w }),
    ],
    [
      "ratchetTree",
      "boolean",
      async ({ alice: a }, w) => a.group.exportGroupInfo(a.signer, { ratchetTree: w }),
    ],
  ],
  setConfig: [
    ["config", "options", async ({ alice: a }, w) => a.group.setConfig(w)],
    [
      "config.paddingSize",
      "number or nothing",
      async ({ alice: a }, w) => a.group.setConfig({ paddingSize: w }),
    ],
    ["config.handshake", "word or nothing", async ({ alice: a }, w) => a.group.setConfig({ handshake: w })],
    [
      "config.pauseForRemovals",
      "boolean",
      async ({ alice: a }, w) => a.group.setConfig({ pauseForRemovals: w }),
    ],
  ],
  use: [
    ["feature", "object", async ({ alice: a }, w) => a.group.use(w, async () => 1)],
    ["work", "function", async ({ alice: a }, w) => a.group.use({ name: "stranger" }, w)],
  ],
  "groups that continue others": [
    ["members|signer", "object", async ({ alice: a }, w) => a.group.reinitialize(w)],
    ["options|signer", "object", async ({ alice: a }, w) => a.group.branch(w)],
    [
      "signer",
      "signer",
      async ({ alice: a }, w) => a.group.branch({ ...ownerOf(a), keyPackages: [], signer: w }),
    ],
    [
      "credentialWithKey",
      "object",
      async ({ alice: a }, w) => a.group.branch({ ...ownerOf(a), keyPackages: [], credentialWithKey: w }),
    ],
    [
      "keyPackages|keyPackage",
      "list",
      async ({ alice: a }, w) => a.group.branch({ ...ownerOf(a), keyPackages: w }),
    ],
    [
      "groupId",
      "bytes or nothing",
      async ({ alice: a }, w) => a.group.branch({ ...ownerOf(a), keyPackages: [], groupId: w }),
    ],
  ],
};

describe("what is not what it should be is refused by name, and nothing happens", () => {
  itRefusesByName(CALLS);
});
