import type { MlsProvider } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import { type GroupRecords, loadGroup, type MemberState } from "../store/index.ts";

/** Everything that a member knows: what an insider works with. */
export type Inside = MemberState & { readonly env: Environment; readonly records: GroupRecords };

/** A member's state as its store has it. */
export async function loadInside(provider: MlsProvider, groupId: Uint8Array): Promise<Inside> {
  const loaded = await loadGroup(provider, groupId);
  if (loaded === undefined || !("ownLeaf" in loaded.state)) {
    throw new Error("this client is in no such group");
  }
  return { ...loaded.state, env: loaded.env, records: loaded.records };
}
