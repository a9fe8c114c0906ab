import { wipe } from "@openmls-ts/traits";
import { Draft } from "./draft.ts";
import type { Planned } from "./ratchet-key.ts";
import type { MessageKey } from "./ratchets.ts";
import type { RecordChanges, RecordSet } from "./record-set.ts";

/** A change that is worked out anew when the records below it have changed. */
export class Plan implements Planned {
  readonly #records: RecordSet;
  readonly #work: (draft: Draft) => MessageKey | undefined;
  #draft: Draft | undefined;
  #revision = -1;

  /** @param work puts the change into the draft, and nowhere else, and gives the key that it uses up, if any */
  constructor(records: RecordSet, work: (draft: Draft) => MessageKey | undefined) {
    this.#records = records;
    this.#work = work;
  }

  /** Works the change out. @returns the key, the caller's to wipe */
  run(): MessageKey | undefined {
    this.wipe();
    const draft = new Draft(this.#records);
    try {
      const messageKey = this.#work(draft);
      this.#draft = draft;
      this.#revision = this.#records.revision;
      return messageKey;
    } finally {
      if (this.#draft === undefined) {
        draft.wipe();
      }
    }
  }

  get changes(): RecordChanges {
    if (this.#draft === undefined || this.#revision !== this.#records.revision) {
      const again = this.run();
      wipe(again?.key, again?.nonce);
    }
    return this.#draft?.changes ?? { puts: [], deletes: [] };
  }

  wipe(): void {
    this.#draft?.wipe();
    this.#draft = undefined;
  }
}
