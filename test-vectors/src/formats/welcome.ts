import { type CipherSuite, equalBytes } from "@openmls-ts/traits";
import { decode, encode } from "../../../packages/mls-core/src/codec/index.ts";
import {
  decodeMlsMessage,
  encodeGroupContext,
  type GroupInfo,
  groupInfo,
  groupInfoTbs,
  groupSecrets,
  keyPackageStruct,
  type Welcome,
} from "../../../packages/mls-core/src/wire/index.ts";
import {
  confirmationTag,
  epochFromJoiner,
  pskSecret,
  verifyTag,
  welcomeKeyAndNonce,
  welcomeSecretFromJoiner,
} from "../../../packages/mls-core/src/key-schedule/index.ts";
import {
  decryptWithLabel,
  makeKeyPackageRef,
  verifyWithLabel,
} from "../../../packages/mls-core/src/labels/index.ts";
import { WireFormat } from "../../../packages/mls-core/src/registry.ts";
import { hex, holds, hpkePrivateKey, same } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface WelcomeVector {
  readonly init_priv: string;
  readonly signer_pub: string;
  readonly key_package: string;
  readonly welcome: string;
}

/**
 * Opening a Welcome (RFC 9420 §12.4.3.1). Joining needs more than the case holds, the encryption key to begin with, and
 * some leaves do not list their own cipher suite; so this is done step by step.
 */
export const welcomes: VectorFormat<WelcomeVector> = {
  name: "welcome",
  fileName: /^welcome|-welcome$/,
  keys: ["cipher_suite", "init_priv", "key_package", "signer_pub", "welcome"],
  run: async (vector, { suite }) => {
    const keyPackage = decodeMlsMessage(hex(vector.key_package));
    const welcome = decodeMlsMessage(hex(vector.welcome));
    holds("key_package is a KeyPackage", keyPackage.wireFormat === WireFormat.mlsKeyPackage);
    holds("welcome is a Welcome", welcome.wireFormat === WireFormat.mlsWelcome);
    same("cipher suite", welcome.welcome.cipherSuite, suite.id);
    const reference = makeKeyPackageRef(suite, encode(keyPackageStruct, keyPackage.keyPackage));
    const joiner = await joinerSecretFor(
      suite,
      reference,
      welcome.welcome,
      hpkePrivateKey(suite, vector.init_priv),
    );
    const info = await openGroupInfo(suite, joiner, welcome.welcome);

    const [signerKey, tbs] = [hex(vector.signer_pub), encode(groupInfoTbs, info)];
    const verified = await verifyWithLabel(suite, signerKey, "GroupInfoTBS", tbs, info.signature);
    holds("the signature of the GroupInfo verifies", verified);
    const context = encodeGroupContext(info.groupContext);
    const { epochSecrets } = epochFromJoiner(suite, joiner, pskSecret(suite, []), context);
    const { confirmedTranscriptHash } = info.groupContext;
    const expected = confirmationTag(suite, epochSecrets.confirmationKey, confirmedTranscriptHash);
    holds("the confirmation tag is valid", verifyTag(expected, info.confirmationTag));
  },
};

async function joinerSecretFor(
  suite: CipherSuite,
  reference: Uint8Array,
  welcome: Welcome,
  initPrivateKey: Uint8Array,
): Promise<Uint8Array> {
  const entry = welcome.secrets.find(({ newMember }) => equalBytes(newMember, reference));
  holds("the Welcome has an entry for the KeyPackage", entry !== undefined);
  const sealed = entry.encryptedGroupSecrets;
  const context = welcome.encryptedGroupInfo;
  const opened = decode(
    groupSecrets,
    await decryptWithLabel(suite, initPrivateKey, "Welcome", context, sealed),
  );
  same("number of PSKs", opened.psks.length, 0);
  return opened.joinerSecret;
}

async function openGroupInfo(suite: CipherSuite, joiner: Uint8Array, welcome: Welcome): Promise<GroupInfo> {
  const welcomeSecret = welcomeSecretFromJoiner(suite, joiner, pskSecret(suite, []));
  const { key, nonce } = welcomeKeyAndNonce(suite, welcomeSecret);
  return decode(groupInfo, await suite.aeadOpen(key, nonce, new Uint8Array(), welcome.encryptedGroupInfo));
}
