import { fetchVectors } from "./fetch.ts";
import { cacheFolder } from "./loader.ts";
import { readManifest } from "./manifest.ts";

const results = await fetchVectors(readManifest(), cacheFolder, fetch);
for (const { file, state, detail } of results) {
  console.log(`${state.padEnd(16)}  ${file}  ${detail}`);
}
if (results.some(({ state }) => state === "failed")) {
  process.exitCode = 1;
}
