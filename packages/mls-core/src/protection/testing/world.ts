import { type CipherSuite, Secret, type Signer, utf8 } from "@openmls-ts/traits";
import {
  type AuthenticatedContent,
  type Content,
  type FramedContent,
  type GroupContext,
  type PrivateMessage,
  type PublicMessage,
  type Sender,
} from "../../wire/index.ts";
import { ContentType, ProposalType, SenderType, WireFormat } from "../../registry.ts";
import { type RatchetKind, SecretTree } from "../../secret-tree/index.ts";
import { freshSigner } from "../../testing/suites.ts";
import {
  checkPublic,
  openPrivate,
  openSenderData,
  protectPublic,
  sealPrivate,
  signContent,
  verifyContent,
} from "../index.ts";

const LIMITS = { maxForwardDistance: 1000, maxSkippedKeys: 1000 };

export function kindOf(type: ContentType): RatchetKind {
  return type === ContentType.application ? "application" : "handshake";
}

/** Keys of one epoch of a group of two, in which the member at leaf 1 sends. */
export interface World {
  readonly suite: CipherSuite;
  readonly signer: Signer;
  readonly context: GroupContext;
  readonly encryptionSecret: Uint8Array;
  readonly senderDataSecret: Uint8Array;
  readonly membershipKey: Uint8Array;
}

export async function sign(
  world: World,
  wireFormat: WireFormat,
  body: Content,
  sender: Sender = { senderType: SenderType.member, leafIndex: 1 },
): Promise<AuthenticatedContent> {
  const { groupId, epoch } = world.context;
  const content: FramedContent = { groupId, epoch, sender, authenticatedData: utf8("seen"), ...body };
  const signature = await signContent(world.suite, world.signer, {
    wireFormat,
    content,
    context: world.context,
  });
  const confirmationTag = body.contentType === ContentType.commit ? world.suite.hash(signature) : undefined;
  return { wireFormat, content, auth: { signature, confirmationTag } };
}

export async function makePublic(world: World, body: Content, sender?: Sender): Promise<PublicMessage> {
  const authenticated = await sign(world, WireFormat.mlsPublicMessage, body, sender);
  return protectPublic(world.suite, authenticated, world.membershipKey, world.context);
}

export async function openPublic(
  world: World,
  message: PublicMessage,
): Promise<{ content: FramedContent; genuine: boolean }> {
  const authenticated = checkPublic(world.suite, message, world.membershipKey, world.context);
  const genuine = await verifyContent(world.suite, world.signer.publicKey, authenticated, world.context);
  return { content: authenticated.content, genuine };
}

export function treeOf(world: World): SecretTree {
  return SecretTree.create(world.suite, 2, new Secret(world.encryptionSecret.slice()), LIMITS);
}

export async function makePrivate(world: World, body: Content, padding = 0): Promise<PrivateMessage> {
  const authenticated = await sign(world, WireFormat.mlsPrivateMessage, body);
  const ratchetKey = treeOf(world).take(1, kindOf(body.contentType));
  return sealPrivate(world.suite, {
    authenticated,
    senderDataSecret: world.senderDataSecret,
    ratchetKey,
    padding,
  });
}

export async function open(
  world: World,
  message: PrivateMessage,
): Promise<{ content: FramedContent; genuine: boolean; authenticated: AuthenticatedContent }> {
  const senderData = await openSenderData(world.suite, world.senderDataSecret, message);
  const { leafIndex, generation } = senderData;
  const { key, nonce } = treeOf(world).peek(leafIndex, kindOf(message.contentType), generation);
  const authenticated = await openPrivate(world.suite, message, senderData, key, nonce);
  const genuine = await verifyContent(world.suite, world.signer.publicKey, authenticated, world.context);
  return { content: authenticated.content, genuine, authenticated };
}

export async function newWorld(suite: CipherSuite): Promise<World> {
  const length = suite.params.kdf.hashLength;
  return {
    suite,
    signer: await freshSigner(suite),
    context: {
      version: 1,
      cipherSuite: suite.id,
      groupId: utf8("group"),
      epoch: 5n,
      treeHash: suite.randomBytes(length),
      confirmedTranscriptHash: suite.randomBytes(length),
      extensions: [],
    },
    encryptionSecret: suite.randomBytes(length),
    senderDataSecret: suite.randomBytes(length),
    membershipKey: suite.randomBytes(length),
  };
}

export const APPLICATION: Content = { contentType: ContentType.application, applicationData: utf8("hello") };
export const REMOVE: Content = {
  contentType: ContentType.proposal,
  proposal: { proposalType: ProposalType.remove, removed: 0 },
};
export const COMMIT: Content = {
  contentType: ContentType.commit,
  commit: { proposals: [], path: undefined },
};

export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
}
