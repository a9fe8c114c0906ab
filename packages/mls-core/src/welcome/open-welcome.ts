import { bytesToKey, MlsError, Secret, violation } from "@openmls-ts/traits";
import { decode } from "../codec/index.ts";
import { PskValues } from "../epoch/index.ts";
import type { Environment } from "../feature/index.ts";
import { keyPackageRefs, type KeyPackageSecrets, loadKeyPackage } from "../key-package/index.ts";
import {
  epochFromJoiner,
  type EpochSecrets,
  welcomeKeyAndNonce,
  welcomeSecretFromJoiner,
} from "../key-schedule/index.ts";
import { decryptWithLabel } from "../labels/index.ts";
import { openAead } from "../protection/sender-data.ts";
import { Scratch } from "../scratch.ts";
import { storageOf } from "../typed-storage.ts";
import {
  encodeGroupContext,
  type EncryptedGroupSecrets,
  type GroupInfo,
  groupInfo,
  groupSecrets,
  type PreSharedKeyId,
  type Welcome,
} from "../wire/index.ts";
import { linkingPsk } from "./linked-group.ts";

/** A Welcome as far as its secrets open it; nothing in the GroupInfo is verified yet. */
export interface OpenedWelcome {
  readonly keyPackageRef: Uint8Array;
  readonly keyPackage: KeyPackageSecrets;
  readonly groupInfo: GroupInfo;
  readonly psks: readonly PreSharedKeyId[];
  readonly pathSecret: Secret | undefined;
  readonly secrets: EpochSecrets;
}

/**
 * Finds our entry, decrypts it and the GroupInfo, and derives the epoch (RFC 9420 §12.4.3.1).
 * @throws MlsError `ERR_MLS_NO_MATCHING_KEY_PACKAGE`, `ERR_MLS_DECRYPTION`, `ERR_MLS_MISSING_PSK`, `ERR_MLS_DECODE`
 */
export async function openWelcome(env: Environment, welcome: Welcome): Promise<OpenedWelcome> {
  const { suite, reading, features } = env;
  const { keyPackageRef, keyPackage, sealed } = await findEntry(env, welcome);
  return Scratch.run(async (scratch) => {
    const keep = (bytes: Uint8Array): Secret => scratch.temporary(new Secret(bytes));
    scratch.result(keyPackage.encryptionPrivateKey);
    const init = keep(keyPackage.initPrivateKey).expose();
    const plaintext = await decryptWithLabel(suite, init, "Welcome", welcome.encryptedGroupInfo, sealed);
    const opened = decode(groupSecrets, keep(plaintext).expose(), reading);
    const joiner = keep(opened.joinerSecret);
    const { psks } = opened;
    const pathSecret =
      opened.pathSecret === undefined ? undefined : scratch.result(new Secret(opened.pathSecret.pathSecret));
    linkingPsk(psks);
    for (const { pskNonce } of psks) {
      if (pskNonce.length !== suite.params.kdf.hashLength) {
        throw violation("valn0803", "psk_nonce does not have Nh bytes"); // RFC 9420 §8.4
      }
    }
    const pskSecret = keep(await scratch.temporary(new PskValues(env)).secret(psks));
    const welcomeSecret = scratch.temporary(welcomeSecretFromJoiner(suite, joiner, pskSecret));
    const { key, nonce } = welcomeKeyAndNonce(suite, welcomeSecret);
    const encoded = await openAead(
      suite,
      keep(key).expose(),
      nonce,
      new Uint8Array(),
      welcome.encryptedGroupInfo,
    );
    const info = decode(groupInfo, encoded, reading);
    const context = encodeGroupContext(info.groupContext);
    const start = epochFromJoiner(suite, joiner, pskSecret, context, features.epochSecrets);
    scratch.temporary(start.welcomeSecret);
    return { keyPackageRef, keyPackage, groupInfo: info, psks, pathSecret, secrets: start.epochSecrets };
  });
}

/** So many entries are looked up one by one; for more, this client's key packages are listed once. */
const FEW = 4;

async function findEntry(
  env: Environment,
  welcome: Welcome,
): Promise<
  Pick<OpenedWelcome, "keyPackageRef" | "keyPackage"> & {
    readonly sealed: EncryptedGroupSecrets["encryptedGroupSecrets"];
  }
> {
  const storage = storageOf(env.provider);
  const { hashLength } = env.suite.params.kdf;
  const entries = welcome.secrets.filter(({ newMember }) => newMember.length === hashLength);
  const own = entries.length > FEW ? new Set((await keyPackageRefs(storage)).map(bytesToKey)) : undefined;
  for (const { newMember, encryptedGroupSecrets } of entries) {
    if (own !== undefined && !own.has(bytesToKey(newMember))) {
      continue;
    }
    const keyPackage = await loadKeyPackage(storage, newMember);
    if (keyPackage === undefined) {
      continue;
    }
    if (keyPackage.keyPackage.cipherSuite !== welcome.cipherSuite) {
      throw violation("rfc103", "Welcome and KeyPackage differ in cipher suite"); // RFC 9420 §12.4.3.1
    }
    return { keyPackageRef: newMember, keyPackage, sealed: encryptedGroupSecrets };
  }
  throw new MlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE", "the Welcome is for no KeyPackage of this client", {
    rule: "rfc103",
  });
}
