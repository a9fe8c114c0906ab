import { MlsError, Secret, violation } from "@openmls-ts/traits";
import { lookUpPskSecret } from "../commit/psk-store.ts";
import { decode } from "../codec/index.ts";
import type { Environment } from "../environment.ts";
import {
  encodeGroupContext,
  groupInfo,
  type GroupInfo,
  groupSecrets,
  type PreSharedKeyId,
  type Welcome,
} from "../wire/index.ts";
import { type KeyPackageSecrets, loadKeyPackage } from "../key-package/key-package-store.ts";
import {
  epochFromJoiner,
  type EpochSecrets,
  welcomeKeyAndNonce,
  welcomeSecretFromJoiner,
} from "../key-schedule/index.ts";
import { decryptWithLabel } from "../labels/index.ts";
import { Scratch } from "../scratch.ts";
import { linkingPsk } from "./linked-group.ts";
import { storageOf } from "../typed-storage.ts";

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
  const { suite } = env;
  const { keyPackageRef, keyPackage, sealed } = await findEntry(env, welcome);
  return Scratch.run(async (scratch) => {
    const keep = (bytes: Uint8Array): Secret => scratch.temporary(new Secret(bytes));
    const { initPrivateKey } = keyPackage;
    const init = keep(initPrivateKey).expose();
    const plaintext = await decryptWithLabel(suite, init, "Welcome", welcome.encryptedGroupInfo, sealed);
    const opened = decode(groupSecrets, keep(plaintext).expose());
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
    const pskSecret = keep(await lookUpPskSecret(env, psks));
    const welcomeSecret = scratch.temporary(welcomeSecretFromJoiner(suite, joiner, pskSecret));
    const { key, nonce } = welcomeKeyAndNonce(suite, welcomeSecret);
    const encoded = await suite.aeadOpen(
      keep(key).expose(),
      nonce,
      new Uint8Array(),
      welcome.encryptedGroupInfo,
    );
    const info = decode(groupInfo, encoded);
    const start = epochFromJoiner(suite, joiner, pskSecret, encodeGroupContext(info.groupContext));
    scratch.temporary(start.welcomeSecret);
    return { keyPackageRef, keyPackage, groupInfo: info, psks, pathSecret, secrets: start.epochSecrets };
  });
}

async function findEntry(
  env: Environment,
  welcome: Welcome,
): Promise<
  Pick<OpenedWelcome, "keyPackageRef" | "keyPackage"> & {
    sealed: Welcome["secrets"][number]["encryptedGroupSecrets"];
  }
> {
  for (const { newMember, encryptedGroupSecrets } of welcome.secrets) {
    if (newMember.length !== env.suite.params.kdf.hashLength) {
      continue;
    }
    const keyPackage = await loadKeyPackage(storageOf(env.provider), newMember);
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
