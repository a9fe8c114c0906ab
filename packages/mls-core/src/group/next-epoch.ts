import { bytesArgument, deepCopy, MlsError, numberArgument, type Secret, utf8 } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import type { EpochState, PublicEpoch } from "../epoch/index.ts";
import { exportSecret } from "../key-schedule/index.ts";
import { type GroupContext, ratchetTree } from "../wire/index.ts";
import { type Member, membersOf } from "./member.ts";

/** A tree as encoded in the extension (RFC 9420 §12.4.3.3). */
export function exportTree({ tree }: PublicEpoch): Uint8Array {
  return encode(ratchetTree, tree.exportNodes());
}

/** An exported secret of an epoch (RFC 9420 §8.5). @throws MlsError `ERR_MLS_USAGE` */
export function exportFrom(
  { tree: { suite }, secrets }: EpochState,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  if (typeof label !== "string") {
    throw new MlsError("ERR_MLS_USAGE", "label is text", { details: { argument: "label" } });
  }
  const about = bytesArgument("context", context);
  numberArgument("length", length, 0, 255 * suite.params.kdf.hashLength);
  return exportSecret(suite, secrets.exporterSecret, utf8(label), about, length);
}

/**
 * The epoch that a commit would begin, to be looked at before the commit is merged. What it exports is the same for all
 * who merge; give nothing of it away before the commit is accepted, as another one may win (RFC 9420 §14).
 */
export class NextEpoch {
  readonly #epoch: () => PublicEpoch | EpochState | undefined;

  /** @internal `StagedCommit.nextEpoch` and `MlsGroup.pendingEpoch` make one. */
  constructor(epoch: () => PublicEpoch | EpochState | undefined) {
    this.#epoch = epoch;
  }

  get groupContext(): GroupContext {
    return deepCopy(this.#live().groupContext);
  }

  /** The members from left to right. */
  members(): Member[] {
    return membersOf(this.#live().tree);
  }

  /** The ratchet tree as encoded in the extension. */
  exportRatchetTree(): Uint8Array {
    return exportTree(this.#live());
  }

  /** As `MlsGroup.exportSecret`. @throws MlsError `ERR_MLS_USAGE`, also for an observer, who has no secrets */
  exportSecret(label: string, context: Uint8Array, length: number): Uint8Array {
    this.#secret("exporterSecret");
    return exportFrom(this.#live() as EpochState, label, context, length);
  }

  /** As `MlsGroup.epochAuthenticator`. @throws MlsError as {@link exportSecret} */
  get epochAuthenticator(): Uint8Array {
    return this.#secret("epochAuthenticator").expose().slice();
  }

  /** As `MlsGroup.resumptionPsk`. @throws MlsError as {@link exportSecret} */
  get resumptionPsk(): Uint8Array {
    return this.#secret("resumptionPsk").expose().slice();
  }

  #secret(name: "exporterSecret" | "epochAuthenticator" | "resumptionPsk"): Secret {
    const epoch = this.#live();
    if (!("secrets" in epoch)) {
      throw new MlsError("ERR_MLS_USAGE", "an observer has no secrets");
    }
    const secret = epoch.secrets[name];
    return secret.length === 0 ? gone() : secret;
  }

  #live(): PublicEpoch | EpochState {
    return this.#epoch() ?? gone();
  }
}

function gone(): never {
  throw new MlsError("ERR_MLS_STALE_COMMIT", "the commit was discarded, or its epoch is over", {
    rule: "rfc122",
  });
}
