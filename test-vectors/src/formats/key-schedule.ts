import type { CipherSuite } from "@openmls-ts/traits";
import {
  epochFromJoiner,
  type EpochSecrets,
  exportSecret,
  externalKeyPair,
  joinerSecret,
} from "../../../packages/mls-core/src/key-schedule/index.ts";
import { encodeGroupContext } from "../../../packages/mls-core/src/wire/index.ts";
import { ProtocolVersion } from "../../../packages/mls-core/src/registry.ts";
import { hex, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface Epoch {
  readonly tree_hash: string;
  readonly commit_secret: string;
  /** Null or absent where the epoch has no PSK. */
  readonly psk_secret?: string | null;
  readonly confirmed_transcript_hash: string;
  readonly group_context: string;
  readonly joiner_secret: string;
  readonly welcome_secret: string;
  readonly init_secret: string;
  readonly sender_data_secret: string;
  readonly encryption_secret: string;
  readonly exporter_secret: string;
  readonly epoch_authenticator: string;
  readonly external_secret: string;
  readonly confirmation_key: string;
  readonly membership_key: string;
  readonly resumption_psk: string;
  readonly external_pub: string;
  readonly exporter: {
    /** Looks like hexadecimal and is taken as it stands. */
    readonly label: string;
    readonly context: string;
    readonly length: number;
    readonly secret: string;
  };
}

interface KeySchedule {
  readonly group_id: string;
  readonly initial_init_secret: string;
  readonly epochs: readonly Epoch[];
}

/** The key schedule over several epochs (RFC 9420 §8). */
export const keySchedule: VectorFormat<KeySchedule> = {
  name: "key-schedule",
  fileName: /key-schedule/,
  keys: ["cipher_suite", "group_id", "initial_init_secret", "epochs"],
  run: async ({ group_id, initial_init_secret, epochs }, { suite }) => {
    let initSecret = hex(initial_init_secret);
    for (const [i, epoch] of epochs.entries()) {
      initSecret = await runEpoch(suite, hex(group_id), i, initSecret, epoch);
    }
  },
};

async function runEpoch(
  suite: CipherSuite,
  groupId: Uint8Array,
  epoch: number,
  initSecret: Uint8Array,
  vector: Epoch,
): Promise<Uint8Array> {
  const context = encodeGroupContext({
    version: ProtocolVersion.mls10,
    cipherSuite: suite.id,
    groupId,
    epoch: BigInt(epoch),
    treeHash: hex(vector.tree_hash),
    confirmedTranscriptHash: hex(vector.confirmed_transcript_hash),
    extensions: [],
  });
  sameBytes(`epoch ${epoch}: group_context`, context, vector.group_context);

  const psk =
    typeof vector.psk_secret === "string"
      ? hex(vector.psk_secret)
      : new Uint8Array(suite.params.kdf.hashLength);
  const joiner = joinerSecret(suite, initSecret, hex(vector.commit_secret), context);
  sameBytes(`epoch ${epoch}: joiner_secret`, joiner.expose(), vector.joiner_secret);
  const { welcomeSecret, epochSecrets } = epochFromJoiner(suite, joiner, psk, context);
  sameBytes(`epoch ${epoch}: welcome_secret`, welcomeSecret.expose(), vector.welcome_secret);
  compareSecrets(epoch, epochSecrets, vector);

  const { publicKey } = await externalKeyPair(suite, epochSecrets.externalSecret);
  sameBytes(`epoch ${epoch}: external_pub`, publicKey, vector.external_pub);
  const { label, context: exporterContext, length, secret } = vector.exporter;
  const exported = exportSecret(suite, epochSecrets.exporterSecret, label, hex(exporterContext), length);
  sameBytes(`epoch ${epoch}: exporter.secret`, exported, secret);
  return epochSecrets.initSecret.expose();
}

function compareSecrets(epoch: number, secrets: EpochSecrets, vector: Epoch): void {
  const pairs = [
    ["init_secret", secrets.initSecret],
    ["sender_data_secret", secrets.senderDataSecret],
    ["encryption_secret", secrets.takeEncryptionSecret()],
    ["exporter_secret", secrets.exporterSecret],
    ["epoch_authenticator", secrets.epochAuthenticator],
    ["external_secret", secrets.externalSecret],
    ["confirmation_key", secrets.confirmationKey],
    ["membership_key", secrets.membershipKey],
    ["resumption_psk", secrets.resumptionPsk],
  ] as const;
  for (const [name, secret] of pairs) {
    sameBytes(`epoch ${epoch}: ${name}`, secret.expose(), vector[name]);
  }
}
