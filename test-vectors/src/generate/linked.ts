import { proposals } from "@openmls-ts/mls-core";
import type { KeyPackage, LinkedGroup } from "@openmls-ts/mls-core";
import type { CipherSuite } from "@openmls-ts/traits";
import { Draw } from "./draw.ts";
import { History, joining } from "./history.ts";
import { cast } from "./passive.ts";
import { newPerson, type Person } from "./person.ts";
import { type CaseSource, inTurn } from "./source.ts";

/**
 * The passive-client format with one more field, `linked_groups`: groups that the same client joins after the epochs,
 * knowing the first group, each again in the passive-client format.
 */

/** Alice makes another group of herself and the watcher, as the client of an older group that both are in. */
async function linkedGroup(
  alice: Person,
  wendy: Person,
  make: (
    members: Pick<Person, "signer" | "credentialWithKey"> & { keyPackages: KeyPackage[] },
  ) => Promise<LinkedGroup>,
): Promise<object> {
  const keyPackage = await wendy.keyPackage();
  const fields = await wendy.keyPackageFields(keyPackage);
  const { signer, credentialWithKey } = alice;
  const { group, welcome } = await make({ signer, credentialWithKey, keyPackages: [keyPackage] });
  return joining(fields, welcome, group);
}

// To another suite where every provider has the other one too.
const SUCCESSOR: Readonly<Record<number, number>> = { 1: 2, 2: 1 };

async function reinitialised(suite: CipherSuite, source: CaseSource): Promise<object> {
  const draw = new Draw(`reinitialised ${suite.id}`);
  const { alice, wendy } = await cast(suite, source, ["alice", "wendy"]);
  const history = await History.start(alice, draw);
  await history.watch(wendy, alice, (builder) => builder);
  const cipherSuite = SUCCESSOR[suite.id] ?? suite.id;
  const groupId = draw.bytes(20);
  const reinit = { groupId, version: 1, cipherSuite, extensions: [] } as const;
  await history.propose(alice, async (group, { signer }) => group.propose(signer, proposals.reinit(reinit)));
  await history.commit(alice);
  const [alice2, wendy2] = await Promise.all(
    [alice, wendy].map(async ({ name, provider }) =>
      newPerson(name, source.crypto, cipherSuite, provider.storage),
    ),
  );
  const linked = await linkedGroup(alice2!, wendy2!, async (members) =>
    history.group(alice).reinitialize(members),
  );
  return history.vector({ linked_groups: [linked] });
}

async function branched(suite: CipherSuite, source: CaseSource): Promise<object> {
  const draw = new Draw(`branched ${suite.id}`);
  const { alice, wendy } = await cast(suite, source, ["alice", "wendy"]);
  const history = await History.start(alice, draw);
  await history.watch(wendy, alice, (builder) => builder);
  await history.commit(alice);
  const groupId = draw.bytes(20);
  const linked = await linkedGroup(alice, wendy, async (members) =>
    history.group(alice).branch({ ...members, groupId }),
  );
  return history.vector({ linked_groups: [linked] });
}

export async function linkedGroupCases(suite: CipherSuite, source: CaseSource): Promise<object[]> {
  return Promise.all(inTurn(suite, [reinitialised, branched]).map(async (make) => make(suite, source)));
}
