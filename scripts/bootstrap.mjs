// Runs on a bare Node.js (20 or newer) with npm, before anything is installed: no dependencies here.
//
//   node scripts/bootstrap.mjs install          installs what is missing
//   node scripts/bootstrap.mjs start [args]     …then runs examples/quickstart with these arguments
//   node scripts/bootstrap.mjs docs             …then builds the documentation's site
//   node scripts/bootstrap.mjs test [args]      …then runs all tests; arguments go to vitest
//
// Everything after the install runs on the Node.js 24 that the workspace itself installs, so that results do
// not depend on the machine's own.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const stampFile = join(modules, ".bootstrap-stamp");
const windows = process.platform === "win32";
const node24 = join(modules, "node", "bin", windows ? "node.exe" : "node");

/** @type {Record<string, string[]>} What each command runs on Node.js 24 once everything is installed. */
const commands = {
  install: [],
  build: [join("node_modules", "turbo", "bin", "turbo"), "run", "build"],
  docs: [join("scripts", "docs.ts")],
  start: [
    "--conditions=@openmls-ts/source",
    // Node.js warns of Ed448 and X448 in WebCrypto, which the story uses only if asked to.
    "--disable-warning=ExperimentalWarning",
    join("examples", "quickstart", "src", "main.ts"),
  ],
  test: [join("node_modules", "vitest", "vitest.mjs"), "run"],
};

/**
 * Says what goes on, on stderr: stdout belongs to what is run.
 * @param {string} text one line
 */
function say(text) {
  process.stderr.write(`[openmls-ts] ${text}\n`);
}

/**
 * Hash of all that decides what an install would do; equal to the stamp when there is nothing to do.
 * @returns {string} hex
 */
function wantedStamp() {
  const files = [
    "package.json",
    "pnpm-workspace.yaml",
    "pnpm-lock.yaml",
    join("test-vectors", "package.json"),
  ];
  for (const folder of ["packages", "examples"]) {
    if (!existsSync(join(root, folder))) continue;
    for (const name of readdirSync(join(root, folder)).sort()) files.push(join(folder, name, "package.json"));
  }
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of files) {
    if (existsSync(join(root, file))) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/**
 * @param {string} command program to run in the workspace root, on this terminal
 * @param {string[]} args its arguments
 * @returns {number} exit code as a shell would report it
 */
function run(command, args) {
  const path = `${join(modules, ".bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: path },
    // npx is a .cmd file on Windows, which only a shell starts.
    shell: windows && command === "npx",
  });
  if (result.error !== undefined) {
    say(`Cannot run ${command}: ${result.error.message}`);
    return 127;
  }
  if (result.signal !== null) return 128 + constants.signals[result.signal];
  return result.status ?? 1;
}

/** @returns {number} exit code */
function install() {
  const stamp = wantedStamp();
  const current = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : undefined;
  if (current === stamp && existsSync(node24)) return 0;

  const pnpm = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager;
  const frozen = existsSync(join(root, "pnpm-lock.yaml"));
  say(`${current === undefined ? "First run" : "Dependencies changed"}: installing with ${pnpm} …`);
  const code = run("npx", ["--yes", pnpm, "install", frozen ? "--frozen-lockfile" : "--no-frozen-lockfile"]);
  if (code !== 0) {
    say("The install failed. It needs the npm registry once; after that everything works offline.");
    say(`If a package.json was edited, bring the lockfile up to date first: npx ${pnpm} install`);
    return code;
  }
  if (!existsSync(node24)) {
    say(`The install left no Node.js 24 at ${node24}: is there an npm package of it for this platform?`);
    return 1;
  }
  writeFileSync(stampFile, wantedStamp());
  return 0;
}

const [name = "", ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  say(`Unknown command "${name}". One of: ${Object.keys(commands).join(", ")}`);
  process.exitCode = 2;
} else {
  process.exitCode = install();
  if (process.exitCode === 0 && name === "test" && args.length === 0)
    say("All tests take about five minutes on two cores.");
  if (process.exitCode === 0 && command.length > 0) process.exitCode = run(node24, [...command, ...args]);
}
