import { exportGroup, importGroup, MlsGroup, proposals } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { concatBytes, utf8 } from "@openmls-ts/traits";
import { decodeExport, encodeExport } from "../core.ts";
import { Failure } from "../failure.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { people, recordsOf } from "../people.ts";
import type { Attack, Target } from "../target.ts";

/** Bytes of `exportGroup` that are damaged, or have a damaged record, under a good digest: imported, and then used. */
export const imports: Target = {
  name: "imports",
  length: 300,
  open: async (random, checker): Promise<Attack> => {
    const { alice, bob } = await people(random);
    const fromBob = await bob.group.createMessage(bob.signer, utf8("hi"));
    await alice.group.propose(alice.signer, proposals.update());
    await alice.group.selfUpdate(alice.signer);
    const suite = await alice.provider.crypto.cipherSuite(1);
    const bytes = await exportGroup(alice.provider, alice.group.groupId);
    const body = bytes.slice(0, bytes.length - suite.params.kdf.hashLength);
    const group = decodeExport(body);
    const values = group.records.map(({ value }) => value);
    const damagedRecord = (): Uint8Array => {
      const at = random.int(values.length);
      const value = mutateBytes(random, values[at]!, values);
      return encodeExport({
        ...group,
        records: group.records.map((record, i) => (i === at ? { ...record, value } : record)),
      });
    };
    return async () => {
      const damaged = random.once(3) ? mutateBytes(random, body) : damagedRecord();
      const given = concatBytes(damaged, suite.hash(damaged));
      checker.input = given;
      const storage = memoryStorage();
      const provider = { ...alice.provider, storage };
      const state = (): string => recordsOf(storage);
      const outcome = await checker.call(async () => importGroup(provider, given), state);
      if (!outcome.ok) return false;
      const { groupId, restored } = outcome.value;
      const copy = await checker.must("an import is loaded", async () => MlsGroup.load(provider, groupId));
      if (copy === undefined) {
        if (restored) throw new Failure("outcome", "a copy of a member's is an observer's");
        return false;
      }
      const sent = await checker.call(async () => copy.createMessage(alice.signer, utf8("twice")), state);
      if (sent.ok || sent.error.code !== "ERR_MLS_RESTORED") {
        throw new Failure("outcome", "a copy sends");
      }
      await checker.call(async () => copy.processMessage(fromBob));
      await checker.call(async () => copy.clearPendingCommit());
      await checker.call(async () => copy.selfUpdate(alice.signer));
      return false;
    };
  },
};
