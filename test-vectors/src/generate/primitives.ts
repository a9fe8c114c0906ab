import { bytesToHex, type CipherSuite, DEFAULT_LIMITS, Secret } from "@openmls-ts/traits";
import { senderDataKeyAndNonce } from "../../../packages/mls-core/src/protection/index.ts";
import { encodeGroupContext } from "../../../packages/mls-core/src/wire/index.ts";
import {
  epochFromJoiner,
  exportSecret,
  externalKeyPair,
  joinerSecret,
  pskSecret,
} from "../../../packages/mls-core/src/key-schedule/index.ts";
import {
  deriveSecret,
  deriveTreeSecret,
  encryptContext,
  expandWithLabel,
  refHash,
  signWithLabel,
} from "../../../packages/mls-core/src/labels/index.ts";
import { ProtocolVersion, PskType } from "../../../packages/mls-core/src/registry.ts";
import { SecretTree } from "../../../packages/mls-core/src/secret-tree/index.ts";
import { Draw } from "./draw.ts";

/** Formats of the functions below the protocol. What they choose is drawn; only signatures and HPKE differ each time. */

export async function cryptoBasicsCases(suite: CipherSuite): Promise<object[]> {
  const draw = new Draw(`crypto-basics ${suite.id}`);
  const { hashLength } = suite.params.kdf;
  const [value, secret, context, content, plaintext] = [40, hashLength, 24, 64, 48].map((length) =>
    draw.bytes(length),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const signature = await suite.generateSignatureKeys();
  const signer = {
    publicKey: signature.publicKey,
    sign: async (message: Uint8Array) => suite.sign(signature.privateKey, message),
  };
  const hpke = await suite.deriveKeyPair(draw.bytes(hashLength));
  const sealed = await encryptContext(suite, "Sealed", context)(hpke.publicKey, plaintext);
  const hex = bytesToHex;
  return [
    {
      cipher_suite: suite.id,
      ref_hash: { label: "Reference", value: hex(value), out: hex(refHash(suite, "Reference", value)) },
      expand_with_label: {
        secret: hex(secret),
        label: "Expanded",
        context: hex(context),
        length: 75,
        out: hex(expandWithLabel(suite, secret, "Expanded", context, 75)),
      },
      derive_secret: {
        secret: hex(secret),
        label: "Derived",
        out: hex(deriveSecret(suite, secret, "Derived")),
      },
      derive_tree_secret: {
        secret: hex(secret),
        label: "Ratchet",
        generation: 0x01020304,
        length: 20,
        out: hex(deriveTreeSecret(suite, secret, "Ratchet", 0x01020304, 20)),
      },
      sign_with_label: {
        priv: hex(signature.privateKey),
        pub: hex(signature.publicKey),
        content: hex(content),
        label: "Signed",
        signature: hex(await signWithLabel(signer, "Signed", content)),
      },
      encrypt_with_label: {
        priv: hex(hpke.privateKey),
        pub: hex(hpke.publicKey),
        label: "Sealed",
        context: hex(context),
        plaintext: hex(plaintext),
        kem_output: hex(sealed.kemOutput),
        ciphertext: hex(sealed.ciphertext),
      },
    },
  ];
}

export async function pskSecretCases(suite: CipherSuite): Promise<object[]> {
  const draw = new Draw(`psk_secret ${suite.id}`);
  return [0, 1, 3].map((count) => {
    const psks = Array.from({ length: count }, (_, at) => ({
      id: {
        pskType: PskType.external,
        pskId: draw.bytes(1 + 15 * at),
        pskNonce: draw.bytes(suite.params.kdf.hashLength),
      },
      psk: draw.bytes(16 + 24 * at),
    }));
    return {
      cipher_suite: suite.id,
      psks: psks.map(({ id, psk }) => ({
        psk_id: bytesToHex(id.pskId),
        psk: bytesToHex(psk),
        psk_nonce: bytesToHex(id.pskNonce),
      })),
      psk_secret: bytesToHex(pskSecret(suite, psks)),
    };
  });
}

const EXPORTED_BYTES = 40;

export async function keyScheduleCases(suite: CipherSuite): Promise<object[]> {
  const draw = new Draw(`key-schedule ${suite.id}`);
  const { hashLength } = suite.params.kdf;
  const groupId = draw.bytes(16);
  const initial = draw.bytes(hashLength);
  const epochs: object[] = [];
  let initSecret = initial;
  for (const epoch of [0, 1]) {
    const [treeHash, commitSecret, drawnPsk, confirmedTranscriptHash] = Array.from({ length: 4 }, () =>
      draw.bytes(hashLength),
    ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const psk = epoch === 1 ? new Uint8Array(hashLength) : drawnPsk;
    const context = encodeGroupContext({
      version: ProtocolVersion.mls10,
      cipherSuite: suite.id,
      groupId,
      epoch: BigInt(epoch),
      treeHash,
      confirmedTranscriptHash,
      extensions: [],
    });
    const joiner = joinerSecret(suite, initSecret, commitSecret, context);
    const { welcomeSecret, epochSecrets: secrets } = epochFromJoiner(suite, joiner, psk, context);
    initSecret = secrets.initSecret.expose().slice();
    const exporter = { label: "exported by epoch", context: draw.bytes(12) };
    const exported = exportSecret(
      suite,
      secrets.exporterSecret,
      exporter.label,
      exporter.context,
      EXPORTED_BYTES,
    );
    const { publicKey } = await externalKeyPair(suite, secrets.externalSecret);
    epochs.push({
      tree_hash: bytesToHex(treeHash),
      commit_secret: bytesToHex(commitSecret),
      psk_secret: bytesToHex(psk),
      confirmed_transcript_hash: bytesToHex(confirmedTranscriptHash),
      group_context: bytesToHex(context),
      joiner_secret: bytesToHex(joiner.expose()),
      welcome_secret: bytesToHex(welcomeSecret.expose()),
      init_secret: bytesToHex(initSecret),
      sender_data_secret: bytesToHex(secrets.senderDataSecret.expose()),
      encryption_secret: bytesToHex(secrets.takeEncryptionSecret().expose()),
      exporter_secret: bytesToHex(secrets.exporterSecret.expose()),
      epoch_authenticator: bytesToHex(secrets.epochAuthenticator.expose()),
      external_secret: bytesToHex(secrets.externalSecret.expose()),
      confirmation_key: bytesToHex(secrets.confirmationKey.expose()),
      membership_key: bytesToHex(secrets.membershipKey.expose()),
      resumption_psk: bytesToHex(secrets.resumptionPsk.expose()),
      external_pub: bytesToHex(publicKey),
      exporter: {
        label: exporter.label,
        context: bytesToHex(exporter.context),
        length: EXPORTED_BYTES,
        secret: bytesToHex(exported),
      },
    });
  }
  return [
    {
      cipher_suite: suite.id,
      group_id: bytesToHex(groupId),
      initial_init_secret: bytesToHex(initial),
      epochs,
    },
  ];
}

export async function secretTreeCases(suite: CipherSuite): Promise<object[]> {
  const draw = new Draw(`secret-tree ${suite.id}`);
  const { hashLength } = suite.params.kdf;
  return [1, 4].map((leafCount) => {
    const [senderDataSecret, ciphertext] = [draw.bytes(hashLength), draw.bytes(hashLength + 9)];
    const sender = senderDataKeyAndNonce(suite, senderDataSecret, ciphertext);
    const encryptionSecret = draw.bytes(hashLength);
    const root = new Secret(encryptionSecret.slice());
    const tree = SecretTree.create(suite, leafCount, root, DEFAULT_LIMITS);
    const leaves = Array.from({ length: leafCount }, (_, leaf) =>
      [0, 7].map((generation) => {
        const handshake = tree.peek(leaf, "handshake", generation);
        const application = tree.peek(leaf, "application", generation);
        return {
          generation,
          handshake_key: bytesToHex(handshake.key),
          handshake_nonce: bytesToHex(handshake.nonce),
          application_key: bytesToHex(application.key),
          application_nonce: bytesToHex(application.nonce),
        };
      }),
    );
    return {
      cipher_suite: suite.id,
      sender_data: {
        sender_data_secret: bytesToHex(senderDataSecret),
        ciphertext: bytesToHex(ciphertext),
        key: bytesToHex(sender.key),
        nonce: bytesToHex(sender.nonce),
      },
      encryption_secret: bytesToHex(encryptionSecret),
      leaves,
    };
  });
}
