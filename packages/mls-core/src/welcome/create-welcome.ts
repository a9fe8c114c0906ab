import { type CipherSuite, type Secret, wipe } from "@openmls-ts/traits";
import { inBatches } from "../batches.ts";
import { encode } from "../codec/index.ts";
import {
  type EncryptedGroupSecrets,
  groupInfo,
  type GroupInfo,
  groupSecrets,
  type PreSharedKeyId,
  type Welcome,
} from "../wire/index.ts";
import { welcomeKeyAndNonce } from "../key-schedule/index.ts";
import { encryptContext } from "../labels/index.ts";
import type { Watch } from "../work.ts";

/** Somebody a Welcome is for. */
export interface Newcomer {
  readonly keyPackageRef: Uint8Array;
  readonly initKey: Uint8Array;
  /** Of the lowest common ancestor with the committer, where the commit has a path. */
  readonly pathSecret: Secret | undefined;
}

const NOTHING = new Uint8Array();

/**
 * One Welcome for all newcomers of a commit (RFC 9420 §12.4.3.1).
 * @param psks in the order of the commit's proposals
 */
export async function createWelcome(
  suite: CipherSuite,
  input: {
    readonly joinerSecret: Secret;
    readonly welcomeSecret: Secret;
    readonly groupInfo: GroupInfo;
    readonly psks: readonly PreSharedKeyId[];
    readonly newcomers: readonly Newcomer[];
    readonly watch?: Watch | undefined;
  },
): Promise<Welcome> {
  const { key, nonce } = welcomeKeyAndNonce(suite, input.welcomeSecret);
  const encryptedGroupInfo = await suite.aeadSeal(key, nonce, NOTHING, encode(groupInfo, input.groupInfo));
  wipe(key, nonce);
  const seal = encryptContext(suite, "Welcome", encryptedGroupInfo);
  const secrets = await inBatches(
    input.newcomers,
    async ({ keyPackageRef, initKey, pathSecret }): Promise<EncryptedGroupSecrets> => {
      const plaintext = encode(groupSecrets, {
        joinerSecret: input.joinerSecret.expose(),
        pathSecret: pathSecret === undefined ? undefined : { pathSecret: pathSecret.expose() },
        psks: input.psks,
      });
      try {
        return { newMember: keyPackageRef, encryptedGroupSecrets: await seal(initKey, plaintext) };
      } finally {
        wipe(plaintext);
      }
    },
    input.watch,
    "welcome",
  );
  return { cipherSuite: suite.id, secrets, encryptedGroupInfo };
}
