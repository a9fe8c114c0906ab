import { utf8 } from "@openmls-ts/traits";
import {
  type CiphersuiteImpl,
  type ClientState,
  type MlsContext,
  type MlsFramedMessage,
  type MlsMessage,
  type Proposal,
  ciphersuites,
  clientStateDecoder,
  clientStateEncoder,
  createApplicationMessage,
  createCommit,
  createGroup,
  decode,
  defaultCredentialTypes,
  defaultProposalTypes,
  encode,
  generateKeyPackage,
  getCiphersuiteImpl,
  joinGroup,
  mlsMessageDecoder,
  mlsMessageEncoder,
  processMessage,
  protocolVersions,
  unsafeTestingAuthenticationService,
  wireformats,
} from "ts-mls";
import type { Contestant, Membership, Person } from "../contestant.ts";

/**
 * ts-mls over its own default provider, which is WebCrypto. It refuses valid trees in which a leaf is unmerged at some of the
 * nodes above it (RFC 9420 §7.9), and so any full tree whose members came several at a time.
 * @throws Error for a suite that it does not have
 */
export async function tsMls(version: string, cipherSuite: number): Promise<Contestant> {
  const name = Object.entries(ciphersuites).find(([, id]) => id === cipherSuite)?.[0];
  if (name === undefined) throw new Error(`ts-mls has no cipher suite ${cipherSuite}`);
  const suite = await getCiphersuiteImpl(name as keyof typeof ciphersuites);
  return {
    name: `ts-mls ${version}`,
    most: 1000,
    onlySparse: true,
    person: async (who) => person(who, suite),
  };
}

async function person(who: string, cipherSuite: CiphersuiteImpl): Promise<Person> {
  const context: MlsContext = { cipherSuite, authService: unsafeTestingAuthenticationService };
  const credential = { credentialType: defaultCredentialTypes.basic, identity: utf8(who) } as const;
  let keys = await generateKeyPackage({ credential, cipherSuite });
  return {
    keyPackage: async () => {
      keys = await generateKeyPackage({ credential, cipherSuite });
      return write({ wireformat: wireformats.mls_key_package, keyPackage: keys.publicPackage });
    },
    create: async () =>
      membership(
        await createGroup({
          context,
          groupId: cipherSuite.rng.randomBytes(16),
          keyPackage: keys.publicPackage,
          privateKeyPackage: keys.privatePackage,
        }),
        context,
      ),
    join: async (bytes) => {
      const message = read(bytes);
      if (message.wireformat !== wireformats.mls_welcome) throw new Error("not a Welcome");
      const { welcome } = message;
      const { publicPackage: keyPackage, privatePackage: privateKeys } = keys;
      return membership(await joinGroup({ context, welcome, keyPackage, privateKeys }), context);
    },
  };
}

/** A group's state never changes; each step gives a new one. */
function membership(first: ClientState, context: MlsContext): Membership {
  let state = first;
  const commit = async (
    extraProposals: Proposal[],
  ): Promise<{ readonly commit: Uint8Array; readonly welcome: Uint8Array }> => {
    const made = await createCommit({ context, state, extraProposals, ratchetTreeExtension: true });
    state = made.newState;
    return {
      commit: encode(mlsMessageEncoder, made.commit),
      welcome: made.welcome === undefined ? new Uint8Array() : encode(mlsMessageEncoder, made.welcome),
    };
  };
  const take = async (bytes: Uint8Array): Promise<Uint8Array> => {
    const processed = await processMessage({ context, state, message: framed(read(bytes)) });
    state = processed.newState;
    return processed.kind === "applicationMessage" ? processed.message : new Uint8Array();
  };
  // What an application would have stored: encoded once for each state, outside what is measured if it was asked for before.
  let kept: { readonly of: ClientState; readonly bytes: Uint8Array } | undefined;
  const stored = (): Uint8Array => {
    if (kept?.of !== state) kept = { of: state, bytes: encode(clientStateEncoder, state) };
    return kept.bytes;
  };
  return {
    add: async (keyPackages) => commit(keyPackages.map(addProposal)),
    update: async () => (await commit([])).commit,
    remove: async (removed) =>
      (await commit([{ proposalType: defaultProposalTypes.remove, remove: { removed } }])).commit,
    follow: async (bytes) => {
      await take(bytes);
    },
    encrypt: async (message) => {
      const made = await createApplicationMessage({ context, state, message });
      state = made.newState;
      return encode(mlsMessageEncoder, made.message);
    },
    decrypt: take,
    load: async () => decode(clientStateDecoder, stored()),
    storedBytes: async () => stored().length,
  };
}

function addProposal(bytes: Uint8Array): Proposal {
  const message = read(bytes);
  if (message.wireformat !== wireformats.mls_key_package) throw new Error("not a KeyPackage");
  return { proposalType: defaultProposalTypes.add, add: { keyPackage: message.keyPackage } };
}

function framed(message: MlsMessage): MlsFramedMessage {
  if (
    message.wireformat === wireformats.mls_private_message ||
    message.wireformat === wireformats.mls_public_message
  ) {
    return message;
  }
  throw new Error("not a message of a group");
}

function read(bytes: Uint8Array): MlsMessage {
  const message = decode(mlsMessageDecoder, bytes);
  if (message === undefined) throw new Error("not an MLSMessage");
  return message;
}

function write(message: Omit<Extract<MlsMessage, { keyPackage: unknown }>, "version">): Uint8Array {
  return encode(mlsMessageEncoder, { ...message, version: protocolVersions.mls10 });
}
