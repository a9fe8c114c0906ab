// Where the bytes of mls-core's bundle come from, by source file: what to look at when it must shrink.
// `pnpm bundle-report [count]` prints the largest files, or all without a count.
import { bundle, coreEntry } from "./bundle.ts";

const count = process.argv[2] === undefined ? Infinity : Number(process.argv[2]);
const { metafile, minified, gzipped } = await bundle([coreEntry()]);
const files = Object.values(metafile.outputs)
  .flatMap(({ inputs }) => Object.entries(inputs))
  .map(([file, { bytesInOutput }]) => ({ file, bytes: bytesInOutput }))
  .filter(({ bytes }) => bytes > 0)
  .sort((a, b) => b.bytes - a.bytes);

const line = (bytes: number, what: string): string =>
  `${String(bytes).padStart(7)}  ${((100 * bytes) / minified).toFixed(1).padStart(5)} %  ${what}`;

const folders = new Map<string, number>();
for (const { file, bytes } of files) {
  const folder = file.slice(0, file.lastIndexOf("/"));
  folders.set(folder, (folders.get(folder) ?? 0) + bytes);
}

console.log(`${minified} bytes minified, ${gzipped} gzipped, from ${files.length} files\n`);
for (const { file, bytes } of files.slice(0, count)) console.log(line(bytes, file));
console.log();
for (const [folder, bytes] of [...folders].sort(([, a], [, b]) => b - a))
  console.log(line(bytes, `${folder}/`));
