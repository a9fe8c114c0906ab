import { type CipherSuite, DEFAULT_LIMITS, Secret, type Signer } from "@openmls-ts/traits";
import { decode, encode } from "../../../packages/mls-core/src/codec/index.ts";
import {
  type AuthenticatedContent,
  commit,
  contentBody,
  decodeMlsMessage,
  encodeMlsMessage,
  type FramedContent,
  type GroupContext,
  type WireMessage,
  proposal,
} from "../../../packages/mls-core/src/wire/index.ts";
import {
  checkPublic,
  openPrivate,
  openSenderData,
  protectPublic,
  sealPrivate,
  signContent,
  verifyContent,
} from "../../../packages/mls-core/src/protection/index.ts";
import {
  ContentType,
  ProtocolVersion,
  SenderType,
  WireFormat,
} from "../../../packages/mls-core/src/registry.ts";
import { SecretTree } from "../../../packages/mls-core/src/secret-tree/index.ts";
import { hex, holds, Mismatch, rejects, same, sameBytes, signaturePrivateKey, uint64 } from "../check.ts";
import type { CaseContext, VectorFormat } from "../format.ts";

interface MessageProtection {
  readonly group_id: string;
  readonly epoch: number | string;
  readonly tree_hash: string;
  readonly confirmed_transcript_hash: string;
  readonly signature_priv: string;
  readonly signature_pub: string;
  readonly encryption_secret: string;
  readonly sender_data_secret: string;
  readonly membership_key: string;
  readonly proposal: string;
  readonly proposal_pub: string;
  readonly proposal_priv: string;
  readonly commit: string;
  readonly commit_pub: string;
  readonly commit_priv: string;
  readonly application: string;
  readonly application_priv: string;
}

/** Framing both ways, and both ways round (RFC 9420 §6). */
export const messageProtection: VectorFormat<MessageProtection> = {
  name: "message-protection",
  fileName: /message-protection/,
  keys: [
    "cipher_suite",
    "membership_key",
    "sender_data_secret",
    "proposal_priv",
    "commit_priv",
    "application_priv",
  ],
  run: async (vector, context) => {
    const group = new Group(vector, context);
    for (const kind of ["proposal", "commit", "application"] as const) {
      await group.run(kind);
    }
  },
};

type Kind = "proposal" | "commit" | "application";

/** All messages come from this leaf of two. */
const SENDER = 1;
const LEAVES = 2;

/** The state that the vector describes. */
class Group {
  readonly #vector: MessageProtection;
  readonly #suite: CipherSuite;
  readonly #context: GroupContext;
  readonly #signer: Signer;

  constructor(vector: MessageProtection, { suite }: CaseContext) {
    this.#vector = vector;
    this.#suite = suite;
    this.#context = {
      version: ProtocolVersion.mls10,
      cipherSuite: suite.id,
      groupId: hex(vector.group_id),
      epoch: uint64(vector.epoch),
      treeHash: hex(vector.tree_hash),
      confirmedTranscriptHash: hex(vector.confirmed_transcript_hash),
      extensions: [],
    };
    const privateKey = signaturePrivateKey(suite, vector.signature_priv);
    this.#signer = {
      publicKey: hex(vector.signature_pub),
      sign: async (message) => suite.sign(privateKey, message),
    };
  }

  async run(kind: Kind): Promise<void> {
    const content = this.#content(kind);
    const ours = async (format: WireFormat): Promise<AuthenticatedContent> =>
      this.#authenticate(content, format);
    if (kind === "application") {
      const authenticated = await ours(WireFormat.mlsPublicMessage);
      await rejects("application data in a PublicMessage are refused", async () =>
        this.#public(authenticated),
      );
    } else {
      await this.#checkPublic(kind, `${kind}_pub`, hex(this.#vector[`${kind}_pub`]));
      const bytes = this.#public(await ours(WireFormat.mlsPublicMessage));
      await this.#checkPublic(kind, `our ${kind}_pub`, bytes);
    }
    await this.#checkPrivate(kind, `${kind}_priv`, hex(this.#vector[`${kind}_priv`]));
    for (const padding of [0, 33]) {
      const bytes = await this.#private(kind, await ours(WireFormat.mlsPrivateMessage), padding);
      await this.#checkPrivate(kind, `our ${kind}_priv with ${padding} bytes of padding`, bytes);
    }
  }

  #content(kind: Kind): FramedContent {
    const head = {
      groupId: this.#context.groupId,
      epoch: this.#context.epoch,
      sender: { senderType: SenderType.member, leafIndex: SENDER },
      authenticatedData: new Uint8Array(),
    } as const;
    const raw = hex(this.#vector[kind]);
    switch (kind) {
      case "proposal":
        return { ...head, contentType: ContentType.proposal, proposal: decode(proposal, raw) };
      case "commit":
        return { ...head, contentType: ContentType.commit, commit: decode(commit, raw) };
      case "application":
        return { ...head, contentType: ContentType.application, applicationData: raw };
    }
  }

  async #authenticate(content: FramedContent, wireFormat: WireFormat): Promise<AuthenticatedContent> {
    const signature = await signContent(this.#suite, this.#signer, {
      wireFormat,
      content,
      context: this.#context,
    });
    // The vectors do not say what the confirmation tag is; nothing here verifies it.
    const tag = new Uint8Array(this.#suite.params.kdf.hashLength);
    const confirmationTag = content.contentType === ContentType.commit ? tag : undefined;
    return { wireFormat, content, auth: { signature, confirmationTag } };
  }

  #public(authenticated: AuthenticatedContent): Uint8Array {
    const key = hex(this.#vector.membership_key);
    const publicMessage = protectPublic(this.#suite, authenticated, key, this.#context);
    return encodeMlsMessage({ wireFormat: WireFormat.mlsPublicMessage, publicMessage });
  }

  async #private(kind: Kind, authenticated: AuthenticatedContent, padding: number): Promise<Uint8Array> {
    const privateMessage = await sealPrivate(this.#suite, {
      authenticated,
      senderDataSecret: hex(this.#vector.sender_data_secret),
      ratchetKey: this.#secretTree().take(SENDER, ratchetOf(kind)),
      padding,
    });
    return encodeMlsMessage({ wireFormat: WireFormat.mlsPrivateMessage, privateMessage });
  }

  async #checkPublic(kind: Kind, what: string, bytes: Uint8Array): Promise<void> {
    const message = messageOf(what, bytes, WireFormat.mlsPublicMessage);
    const membershipKey = hex(this.#vector.membership_key);
    const authenticated = checkPublic(this.#suite, message.publicMessage, membershipKey, this.#context);
    await this.#checkContent(kind, what, authenticated);
  }

  async #checkPrivate(kind: Kind, what: string, bytes: Uint8Array): Promise<void> {
    const { privateMessage } = messageOf(what, bytes, WireFormat.mlsPrivateMessage);
    const secret = hex(this.#vector.sender_data_secret);
    const senderData = await openSenderData(this.#suite, secret, privateMessage);
    same(`${what}: sender`, senderData.leafIndex, SENDER);
    const key = this.#secretTree().peek(SENDER, ratchetOf(kind), senderData.generation);
    const authenticated = await openPrivate(this.#suite, privateMessage, senderData, key.key, key.nonce);
    await this.#checkContent(kind, what, authenticated);
  }

  async #checkContent(kind: Kind, what: string, authenticated: AuthenticatedContent): Promise<void> {
    const { content } = authenticated;
    const publicKey = this.#signer.publicKey;
    const verified = await verifyContent(this.#suite, publicKey, authenticated, this.#context);
    holds(`${what}: the signature verifies`, verified);
    same(`${what}: content type`, content.contentType, ContentType[kind]);
    const expected = this.#content(kind);
    const body = contentBody(content.contentType);
    sameBytes(`${what}: content`, encode(body, content), encode(body, expected));
    if (content.contentType !== ContentType.application) {
      sameBytes(`${what}: raw content`, encode(body, content), this.#vector[kind]);
    }
  }

  #secretTree(): SecretTree {
    const secret = new Secret(hex(this.#vector.encryption_secret));
    return SecretTree.create(this.#suite, LEAVES, secret, DEFAULT_LIMITS);
  }
}

function ratchetOf(kind: Kind): "handshake" | "application" {
  return kind === "application" ? "application" : "handshake";
}

function messageOf<F extends WireFormat>(
  what: string,
  bytes: Uint8Array,
  wireFormat: F,
): Extract<WireMessage, { readonly wireFormat: F }> {
  const message = decodeMlsMessage(bytes);
  if (message.wireFormat !== wireFormat) {
    throw new Mismatch(`${what}: wire format ${message.wireFormat}`);
  }
  return message as Extract<WireMessage, { readonly wireFormat: F }>;
}
