import { compareReports, type EpochReport, type Standing } from "./epoch-report.ts";

/** Members by how they stand to this one, as leaf indices in ascending order. */
export type Partition = Readonly<Record<Standing, readonly number[]>>;

/**
 * Sorts members by what they reported. Who reported nothing is in no list.
 * @param own as for {@link compareReports}
 * @param reports of other members, by leaf index. It must be certain who sent which: a report that somebody made up for a
 *   member would have that member thrown out.
 */
export function partitionMembers(
  own: readonly EpochReport[],
  reports: Iterable<readonly [leafIndex: number, report: EpochReport]>,
): Partition {
  const lists: Record<Standing, number[]> = { same: [], behind: [], ahead: [], forked: [], unknown: [] };
  for (const [leafIndex, report] of reports) {
    lists[compareReports(own, report)].push(leafIndex);
  }
  for (const list of Object.values(lists)) {
    list.sort((a, b) => a - b);
  }
  return lists;
}
