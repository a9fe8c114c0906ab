import { Secret, type Signer } from "@openmls-ts/traits";
import { PskValues } from "../epoch/index.ts";
import { encode } from "../codec/index.ts";
import {
  encodeGroupContext,
  encodeMlsMessage,
  type Extension,
  externalPubExtension,
  type GroupContext,
  groupInfo,
  type GroupInfo,
  type GroupInfoTbs,
  groupSecrets,
  type GroupSecrets,
  type KeyPackageStruct,
  keyPackageStruct,
  type Node,
  type PreSharedKeyId,
  type Welcome,
} from "../wire/index.ts";
import type { Inside } from "./inside.ts";
import {
  confirmationTag,
  epochFromJoiner,
  externalInitSender,
  externalKeyPair,
  welcomeKeyAndNonce,
  welcomeSecretFromJoiner,
} from "../key-schedule/index.ts";
import { encryptContext, makeKeyPackageRef } from "../labels/index.ts";
import { ProposalType, SenderType, WireFormat } from "../registry.ts";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import { ratchetTreeExtension } from "../wire/index.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { signGroupInfo } from "../welcome/index.ts";
import type { Client } from "./client.ts";
import { type ForgedCommit, forgeCommit, type Forgery } from "./forge-commit.ts";

/** A GroupInfo with something wrong in it; what depends on it is computed anew. */
export interface ForgedGroupInfo {
  readonly adds?: readonly KeyPackageStruct[];
  readonly tree?: (tree: RatchetTree) => void | Promise<void>;
  readonly nodes?: (nodes: (Node | undefined)[]) => (Node | undefined)[];
  readonly context?: (context: GroupContext) => GroupContext;
  /** Whether the tree goes along. Default: yes. */
  readonly withTree?: boolean;
  readonly extensions?: readonly Extension[];
  readonly info?: (info: GroupInfoTbs) => GroupInfoTbs;
  readonly signer?: Signer;
  readonly editInfo?: (info: GroupInfo) => GroupInfo;
}

/** A Welcome with something wrong in it. */
export interface ForgedWelcome extends ForgedGroupInfo {
  readonly psks?: readonly PreSharedKeyId[];
  readonly secrets?: (secrets: GroupSecrets) => GroupSecrets;
  readonly label?: string;
  readonly editTag?: (tag: Uint8Array) => Uint8Array;
  readonly editWelcome?: (welcome: Welcome) => Welcome;
  readonly sealFor?: (encryptedGroupInfo: Uint8Array) => Uint8Array;
}

interface Draft {
  readonly tree: RatchetTree;
  readonly nodes: (Node | undefined)[];
  readonly context: GroupContext;
}

async function draftOf(state: Inside, forged: ForgedGroupInfo): Promise<Draft> {
  const { env, epoch } = state;
  const tree = epoch.tree.fork();
  for (const { leafNode } of forged.adds ?? []) {
    tree.addLeaf(leafNode);
  }
  await forged.tree?.(tree);
  const plain = tree.exportNodes();
  const nodes = forged.nodes?.(plain) ?? plain;
  let treeHash: Uint8Array;
  try {
    treeHash = RatchetTree.fromNodes(env.suite, nodes, env.limits.maxLeaves).treeHash();
  } catch {
    treeHash = tree.treeHash(); // of a list of nodes that is no tree
  }
  const old = epoch.groupContext;
  const honest: GroupContext = {
    ...old,
    epoch: old.epoch + 1n,
    treeHash,
    confirmedTranscriptHash: env.suite.randomBytes(env.suite.params.kdf.hashLength),
  };
  return { tree, nodes, context: forged.context?.(honest) ?? honest };
}

async function finish(
  state: Inside,
  signer: Signer,
  draft: Draft,
  tag: Uint8Array,
  forged: ForgedGroupInfo,
): Promise<GroupInfo> {
  const tbs: GroupInfoTbs = {
    groupContext: draft.context,
    extensions: [
      ...(forged.withTree === false ? [] : [ratchetTreeExtension(draft.nodes)]),
      ...(forged.extensions ?? []),
    ],
    confirmationTag: tag,
    signer: state.ownLeaf,
  };
  const info = await signGroupInfo(state.env.suite, forged.signer ?? signer, forged.info?.(tbs) ?? tbs);
  return forged.editInfo?.(info) ?? info;
}

/** A GroupInfo for external joins of a made-up epoch, as an MLSMessage. */
export async function forgeGroupInfo(
  state: Inside,
  signer: Signer,
  forged: ForgedGroupInfo = {},
): Promise<Uint8Array> {
  const { suite } = state.env;
  const { publicKey } = await externalKeyPair(suite, state.epoch.secrets.externalSecret);
  const draft = await draftOf(state, forged);
  const info = await finish(state, signer, draft, suite.randomBytes(suite.params.kdf.hashLength), {
    ...forged,
    extensions: forged.extensions ?? [externalPubExtension(publicKey)],
  });
  return encodeMlsMessage({ wireFormat: WireFormat.mlsGroupInfo, groupInfo: info });
}

/** A Welcome into a made-up epoch, in which everything fits together except for what was asked for. */
export async function forgeWelcome(
  state: Inside,
  signer: Signer,
  newcomers: readonly KeyPackageStruct[],
  forged: ForgedWelcome = {},
): Promise<{ readonly message: Uint8Array; readonly nodes: readonly (Node | undefined)[] }> {
  const { env } = state;
  const { suite } = env;
  const draft = await draftOf(state, { adds: newcomers, ...forged });
  const joiner = new Secret(suite.randomBytes(suite.params.kdf.hashLength));
  const psks = forged.psks ?? [];
  const pskSecret = await new PskValues(env).secret(psks);
  const { epochSecrets } = epochFromJoiner(suite, joiner, pskSecret, encodeGroupContext(draft.context));
  const tag = confirmationTag(suite, epochSecrets.confirmationKey, draft.context.confirmedTranscriptHash);
  const info = await finish(state, signer, draft, forged.editTag?.(tag) ?? tag, forged);
  const { key, nonce } = welcomeKeyAndNonce(suite, welcomeSecretFromJoiner(suite, joiner, pskSecret));
  const encryptedGroupInfo = await suite.aeadSeal(key, nonce, new Uint8Array(), encode(groupInfo, info));
  const seal = encryptContext(
    suite,
    forged.label ?? "Welcome",
    forged.sealFor?.(encryptedGroupInfo) ?? encryptedGroupInfo,
  );
  const plain: GroupSecrets = { joinerSecret: joiner.expose().slice(), pathSecret: undefined, psks };
  const plaintext = encode(groupSecrets, forged.secrets?.(plain) ?? plain);
  const secrets = [];
  for (const keyPackage of newcomers) {
    secrets.push({
      newMember: makeKeyPackageRef(suite, encode(keyPackageStruct, keyPackage)),
      encryptedGroupSecrets: await seal(keyPackage.initKey, plaintext),
    });
  }
  const welcome: Welcome = { cipherSuite: suite.id, secrets, encryptedGroupInfo };
  return {
    message: encodeMlsMessage({
      wireFormat: WireFormat.mlsWelcome,
      welcome: forged.editWelcome?.(welcome) ?? welcome,
    }),
    nodes: draft.nodes,
  };
}

/**
 * An external commit that skips every check of its sender.
 * @param state of any member: a joiner knows the public part of it
 */
export async function forgeExternalCommit(
  state: Inside,
  joiner: Client,
  forged: ForgedCommit & { readonly externalInits?: number } = {},
): Promise<Forgery> {
  const { suite } = state.env;
  const { publicKey } = await externalKeyPair(suite, state.epoch.secrets.externalSecret);
  const { kemOutput, initSecret } = await externalInitSender(suite, publicKey);
  const inits = Array.from(
    { length: forged.externalInits ?? 1 },
    () => ({ proposalType: ProposalType.externalInit, kemOutput }) as const,
  );
  return forgeCommit(state, joiner.signer, {
    initSecret,
    sender: { senderType: SenderType.newMemberCommit },
    pathLeaf: (tree) => tree.leftmostBlankLeaf(),
    ...forged,
    proposals: [...inits, ...(forged.proposals ?? [])],
    leaf: (leaf) => {
      const own = {
        ...leaf,
        ...joiner.credentialWithKey,
        capabilities: defaultCapabilities(),
        extensions: [],
      };
      return forged.leaf?.(own) ?? own;
    },
  });
}
