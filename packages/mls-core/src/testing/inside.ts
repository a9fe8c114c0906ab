import type { MlsProvider } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import { GroupHandle } from "../group/handle.ts";
import { type GroupRecords, isMember, loadGroup, type MemberState } from "../store/index.ts";

/** Everything that a member knows: what an insider works with. */
export type Inside = MemberState & { readonly env: Environment; readonly records: GroupRecords };

/** A member's state as its store has it. */
export async function loadInside(provider: MlsProvider, groupId: Uint8Array): Promise<Inside> {
  const loaded = await loadGroup(provider, groupId);
  if (loaded === undefined || !isMember(loaded.state)) {
    throw new Error("this client is in no such group");
  }
  return { ...loaded.state, env: loaded.env, records: loaded.records };
}

/** The handle behind a group of a client, loaded from its store: for looking at what operations leave in memory. */
export async function handleOf(player: {
  readonly provider: MlsProvider;
  readonly group: { readonly groupId: Uint8Array };
}): Promise<GroupHandle<MemberState>> {
  const loaded = await loadGroup(player.provider, player.group.groupId);
  if (loaded === undefined || !isMember(loaded.state)) {
    throw new Error("this client is in no such group");
  }
  return new GroupHandle(loaded.env, loaded.records, loaded.state, loaded.revision);
}
