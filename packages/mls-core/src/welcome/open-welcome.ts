import { bytesToKey, isMlsError, MlsError, Secret, violation, wipe } from "@openmls-ts/traits";
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

/** What a Welcome says of the group before its ratchet tree is known; nothing of it is verified. */
export interface WelcomeContent {
  readonly keyPackageRef: Uint8Array;
  readonly reusable: boolean;
  readonly psks: readonly PreSharedKeyId[];
  readonly missingPsks: readonly PreSharedKeyId[];
  /** `undefined` where a PSK is missing. */
  readonly groupInfo: GroupInfo | undefined;
}

interface OpenedSecrets extends Pick<OpenedWelcome, "keyPackageRef" | "keyPackage" | "psks"> {
  readonly joiner: Secret;
  readonly pathSecret: Uint8Array | undefined;
}

/** Finds our entry and decrypts it; the scratch wipes the secrets, but for the KeyPackage's encryption key. */
async function openSecrets(env: Environment, scratch: Scratch, welcome: Welcome): Promise<OpenedSecrets> {
  const { suite, reading } = env;
  const { keyPackageRef, keyPackage, sealed } = await findEntry(env, welcome);
  const keep = (bytes: Uint8Array): Secret => scratch.temporary(new Secret(bytes));
  scratch.result(keyPackage.encryptionPrivateKey);
  const init = keep(keyPackage.initPrivateKey).expose();
  const plaintext = await decryptWithLabel(suite, init, "Welcome", welcome.encryptedGroupInfo, sealed);
  const { joinerSecret, psks, pathSecret } = decode(groupSecrets, keep(plaintext).expose(), reading);
  const joiner = keep(joinerSecret);
  const path = pathSecret === undefined ? undefined : keep(pathSecret.pathSecret).expose();
  linkingPsk(psks);
  for (const { pskNonce } of psks) {
    if (pskNonce.length !== suite.params.kdf.hashLength) {
      throw violation("valn0803", "psk_nonce does not have Nh bytes"); // RFC 9420 §8.4
    }
  }
  return { keyPackageRef, keyPackage, psks, joiner, pathSecret: path };
}

async function openInfo(
  { suite, reading }: Environment,
  scratch: Scratch,
  joiner: Secret,
  pskSecret: Secret,
  { encryptedGroupInfo }: Welcome,
): Promise<GroupInfo> {
  const welcomeSecret = scratch.temporary(welcomeSecretFromJoiner(suite, joiner, pskSecret));
  const { key, nonce } = welcomeKeyAndNonce(suite, welcomeSecret);
  const secret = scratch.temporary(new Secret(key)).expose();
  const encoded = await openAead(suite, secret, nonce, new Uint8Array(), encryptedGroupInfo);
  return decode(groupInfo, encoded, reading);
}

/**
 * Reads a Welcome as far as that is cheap: our entry, and the GroupInfo where no PSK is missing (RFC 9420 §12.4.3.1).
 * @throws MlsError `ERR_MLS_NO_MATCHING_KEY_PACKAGE`, `ERR_MLS_DECRYPTION`, `ERR_MLS_DECODE`
 */
export async function readWelcome(env: Environment, welcome: Welcome): Promise<WelcomeContent> {
  return Scratch.run(async (scratch) => {
    const { keyPackageRef, keyPackage, psks, joiner } = await openSecrets(env, scratch, welcome);
    wipe(keyPackage.encryptionPrivateKey);
    const values = scratch.temporary(new PskValues(env));
    const missingPsks: PreSharedKeyId[] = [];
    for (const id of psks) {
      await values.find(id).catch((error: unknown) => {
        if (!isMlsError(error, "ERR_MLS_MISSING_PSK")) throw error;
        missingPsks.push(id);
      });
    }
    const { reusable } = keyPackage;
    if (missingPsks.length > 0) {
      return { keyPackageRef, reusable, psks, missingPsks, groupInfo: undefined };
    }
    const pskSecret = scratch.temporary(new Secret(await values.secret(psks)));
    const info = await openInfo(env, scratch, joiner, pskSecret, welcome);
    return { keyPackageRef, reusable, psks, missingPsks, groupInfo: info };
  });
}

/**
 * Finds our entry, decrypts it and the GroupInfo, and derives the epoch (RFC 9420 §12.4.3.1).
 * @throws MlsError `ERR_MLS_NO_MATCHING_KEY_PACKAGE`, `ERR_MLS_DECRYPTION`, `ERR_MLS_MISSING_PSK`, `ERR_MLS_DECODE`
 */
export async function openWelcome(env: Environment, welcome: Welcome): Promise<OpenedWelcome> {
  const { suite, features } = env;
  return Scratch.run(async (scratch) => {
    const { joiner, pathSecret: path, ...opened } = await openSecrets(env, scratch, welcome);
    const pathSecret = path === undefined ? undefined : scratch.result(new Secret(path.slice()));
    const values = scratch.temporary(new PskValues(env));
    const pskSecret = scratch.temporary(new Secret(await values.secret(opened.psks)));
    const info = await openInfo(env, scratch, joiner, pskSecret, welcome);
    const context = encodeGroupContext(info.groupContext);
    const start = epochFromJoiner(suite, joiner, pskSecret, context, features.epochSecrets);
    scratch.temporary(start.welcomeSecret);
    return { ...opened, groupInfo: info, pathSecret, secrets: start.epochSecrets };
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
