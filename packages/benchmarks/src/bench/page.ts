import { plot, type Series } from "./plot.ts";
import { digits, groups } from "./report.ts";
import { FLOOR, type Row, type Size } from "./run.ts";

/** What `pnpm bench --json` prints. */
export interface Report {
  readonly machine: string;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly sizes: readonly Size[];
}

/** A file of the documentation. */
export interface PageFile {
  /** Relative to docs/. */
  readonly path: string;
  readonly text: string;
}

/** Operations that are drawn against the number of members. */
const DRAWN: readonly (readonly [operation: string, file: string])[] = [
  ["add all others at once", "add-all"],
  ["join", "join"],
  ["self-update, create", "update-create"],
  ["self-update, process", "update-process"],
  ["encrypt 1 KiB", "encrypt"],
  ["decrypt 1 KiB", "decrypt"],
  ["load", "load"],
];

/** docs/performance.md and its plots, from what was measured. */
export function page(intro: string, reports: readonly Report[]): PageFile[] {
  const plots = drawn(reports[0]!);
  const parts = [intro.trim(), "", ...new Set(reports.map(({ machine }) => machine)), ""];
  if (plots.length > 0) {
    parts.push("## Against the number of members", "");
    parts.push(`${reports[0]!.title}; milliseconds of the processor.`, "");
    parts.push(...plots.flatMap(({ path, title }) => [`![${title}](${path})`, ""]));
  }
  for (const report of reports) {
    parts.push(`## ${report.title}`, "");
    for (const group of groups(report.rows)) parts.push(...tableOf(group), "");
    if (report.sizes.length > 0) parts.push(...sizeTable(report.sizes), "");
  }
  return [{ path: "performance.md", text: `${parts.join("\n").trimEnd()}\n` }, ...plots];
}

function drawn({ rows }: Report): (PageFile & { readonly title: string })[] {
  return DRAWN.flatMap(([operation, file]) => {
    const series: Series[] = [];
    const of = rows.filter((row) => row.operation === operation && row.shape === "sparse");
    for (const name of new Set(of.map(({ contestant }) => contestant))) {
      const points = of
        .filter(({ contestant, cpu }) => contestant === name && cpu.median > 0)
        .map(({ members, cpu }) => [members, cpu.median] as const);
      if (points.length > 1) series.push({ name: shown(name), points });
    }
    if (series.length === 0) return [];
    return [{ path: `performance/${file}.svg`, title: operation, text: plot(operation, "ms", series) }];
  });
}

function shown(contestant: string): string {
  return contestant === FLOOR ? "calls of the provider" : contestant;
}

function tableOf(group: readonly Row[]): string[] {
  const { members, shape } = group[0]!;
  const contestants = [...new Set(group.map(({ contestant }) => contestant))];
  const own = contestants[0]!;
  const ratio = contestants.includes(FLOOR);
  const lines = [
    `**${members.toLocaleString("en")} members, ${shape} tree**: ms of the processor (of the clock), medians`,
    "",
    `| | ${contestants.map(shown).join(" | ")} |${ratio ? " ours ÷ calls |" : ""}`,
    `|---|${contestants.map(() => "---:|").join("")}${ratio ? "---:|" : ""}`,
  ];
  for (const operation of new Set(group.map((row) => row.operation))) {
    const of = (name: string): Row | undefined =>
      group.find((row) => row.operation === operation && row.contestant === name);
    const cells = contestants.map((name) => {
      const row = of(name);
      return row === undefined ? "" : `${digits(row.cpu.median)} (${digits(row.wall.median)})`;
    });
    const [a, b] = [of(own), of(FLOOR)];
    // Loading asks nothing of the provider.
    const times =
      a !== undefined && b !== undefined && operation !== "load"
        ? (a.cpu.median / b.cpu.median).toFixed(2)
        : "";
    lines.push(`| ${operation} | ${cells.join(" | ")} |${ratio ? ` ${times} |` : ""}`);
  }
  return lines;
}

function sizeTable(sizes: readonly Size[]): string[] {
  return [
    "Bytes per member:",
    "",
    "| members | | stored | on the heap, loaded |",
    "|---:|---|---:|---:|",
    ...sizes.map(
      ({ members, contestant, stored, heap }) =>
        `| ${members.toLocaleString("en")} | ${contestant} | ${stored.toFixed(0)} | ${heap === undefined ? "" : heap.toFixed(0)} |`,
    ),
  ];
}
