/** One line of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 190;
const TOP = 36;
const BOTTOM = 44;
// Told apart without colour by their dashes as well.
const COLOURS = ["#1b5e9e", "#b3471b", "#2f7d4f", "#7a3f98", "#6b6b6b", "#a38300"];
const DASHES = ["", "6 3", "2 3", "8 3 2 3", "1 4", "12 4"];

/** A plot with both axes in powers of ten, as an SVG document that needs nothing else. */
export function plot(title: string, unit: string, series: readonly Series[]): string {
  const points = series.flatMap((line) => line.points);
  const x = axis(
    points.map(([value]) => value),
    LEFT,
    WIDTH - RIGHT,
  );
  const y = axis(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}" font-family="sans-serif" font-size="12">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 20, `${title} (${unit})`, 'font-weight="bold"'),
  ];
  for (const value of x.ticks) {
    parts.push(line(x.at(value), TOP, x.at(value), HEIGHT - BOTTOM));
    parts.push(text(x.at(value), HEIGHT - BOTTOM + 16, String(value), 'text-anchor="middle"'));
  }
  for (const value of y.ticks) {
    parts.push(line(LEFT, y.at(value), WIDTH - RIGHT, y.at(value)));
    parts.push(text(LEFT - 6, y.at(value) + 4, String(value), 'text-anchor="end"'));
  }
  parts.push(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "members", 'text-anchor="middle"'));
  for (const [i, { name, points: own }] of series.entries()) {
    const style = `stroke="${COLOURS[i % COLOURS.length]!}" stroke-width="2" fill="none" stroke-dasharray="${DASHES[i % DASHES.length]!}"`;
    const path = own.map(([a, b]) => `${round(x.at(a))},${round(y.at(b))}`).join(" ");
    const height = TOP + 12 + 18 * i;
    parts.push(`<polyline points="${path}" ${style}/>`);
    parts.push(`<path d="M${WIDTH - RIGHT + 10} ${height - 4}h24" ${style}/>`);
    parts.push(text(WIDTH - RIGHT + 40, height, name));
  }
  return [...parts, "</svg>", ""].join("\n");
}

interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** From the power of ten below the least value to that above the greatest. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks: number[] = [];
  for (let power = first; power <= last; power++) ticks.push(Number(`1e${power}`));
  return { ticks, at: (value) => from + ((Math.log10(value) - first) / (last - first)) * (to - from) };
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<path d="M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}" stroke="#ddd"/>`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escape(content)}</text>`;
}

function round(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
