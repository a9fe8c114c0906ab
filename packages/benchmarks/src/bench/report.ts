import { FLOOR, type Row, type Size } from "./run.ts";

/** The rows as text: CPU milliseconds, the wall clock's behind them, each contestant in a column, and ours in floors. */
export function table(rows: readonly Row[], sizes: readonly Size[]): string {
  const lines: string[] = [];
  for (const group of groups(rows)) {
    const { members, shape } = group[0]!;
    lines.push("", `${members} members, ${shape} tree: ms of the processor (of the clock)`, "");
    const contestants = [...new Set(group.map(({ contestant }) => contestant))].filter(
      (name) => name !== FLOOR,
    );
    const cells = [["", ...contestants, "calls of the provider", "ours ÷ calls"]];
    for (const operation of new Set(group.map((row) => row.operation))) {
      const of = (name: string): Row | undefined =>
        group.find((row) => row.operation === operation && row.contestant === name);
      const own = of(contestants[0]!);
      const floor = of(FLOOR);
      cells.push([
        operation,
        ...contestants.map((name) => show(of(name))),
        show(floor),
        own !== undefined && floor !== undefined ? (own.cpu.median / floor.cpu.median).toFixed(2) : "",
      ]);
    }
    lines.push(...aligned(cells));
  }
  if (sizes.length > 0) {
    lines.push("", "Bytes per member", "");
    lines.push(
      ...aligned([
        ["members", "implementation", "stored", "on the heap when loaded"],
        ...sizes.map(({ members, contestant, stored, heap }) => [
          String(members),
          contestant,
          stored.toFixed(0),
          heap === undefined ? "" : heap.toFixed(0),
        ]),
      ]),
    );
  }
  return lines.join("\n");
}

/** Rows of one size and shape together, in the order of their coming. */
export function groups(rows: readonly Row[]): Row[][] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.members} ${row.shape}`;
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  return [...found.values()];
}

function show(row: Row | undefined): string {
  return row === undefined ? "" : `${digits(row.cpu.median)} (${digits(row.wall.median)})`;
}

/** Three significant digits. */
export function digits(value: number): string {
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 1
        ? value.toFixed(2)
        : value.toFixed(3);
}

function aligned(cells: readonly (readonly string[])[]): string[] {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join("  "),
  );
}
