// `pnpm test:postgres`: the tests of storage-postgres on a PostgreSQL of their own, made in a temporary folder and removed
// afterwards. On Debian as root, a PostgreSQL that is missing is installed. With OPENMLS_POSTGRES_URL set, that one is used.
import { spawnSync } from "node:child_process";
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runTool } from "./workspace.ts";

/** Whom the server runs as where this script is root's, which PostgreSQL refuses to be. */
const SERVER_USER = "postgres";

const asRoot = process.getuid?.() === 0;

/** The folder of `initdb` and `pg_ctl`, the newest there is. */
function binaries(): string | undefined {
  const number = (path: string): number => Number(/(\d+)\/bin/.exec(path)?.[1] ?? 0);
  const debian = globSync("/usr/lib/postgresql/*/bin/initdb").sort((a, b) => number(b) - number(a));
  const onPath = (process.env["PATH"] ?? "").split(":").map((folder) => join(folder, "initdb"));
  const found = [...debian, ...onPath].find((path) => existsSync(path));
  return found === undefined ? undefined : dirname(found);
}

function install(): void {
  if (!asRoot || !existsSync("/usr/bin/apt-get")) {
    throw new Error("PostgreSQL is missing: install its server, or set OPENMLS_POSTGRES_URL");
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "postgresql"]]) {
    const { status } = spawnSync("apt-get", ["-qq", ...args], { stdio: "inherit", env: environment });
    if (status !== 0) {
      throw new Error("apt-get failed");
    }
  }
}

/** Runs a program of the server as its user. */
function asServer(folder: string, program: string, args: readonly string[]): void {
  const command = [program, ...args];
  const [name = "", ...rest] = asRoot ? ["runuser", "-u", SERVER_USER, "--", ...command] : command;
  const { status } = spawnSync(name, rest, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) {
    throw new Error(`${program} failed`);
  }
}

/** Starts a server that listens on a socket in `folder` alone. Settings are those of a real one: commits are synced. */
function startServer(bin: string, folder: string): void {
  const data = join(folder, "data");
  const log = join(folder, "log");
  const init = ["-D", data, "-A", "trust", "-U", "openmls", "-E", "UTF8", "--locale=C.UTF-8", "-N"];
  asServer(folder, join(bin, "initdb"), init);
  const settings = `-c listen_addresses= -c unix_socket_directories=${folder}`;
  asServer(folder, join(bin, "pg_ctl"), ["-D", data, "-l", log, "-w", "-o", settings, "start"]);
}

function runTests(url: string): number {
  const args = ["run", "--config", "vitest.postgres.config.ts", ...process.argv.slice(2)];
  process.env["OPENMLS_POSTGRES_URL"] = url;
  return runTool("vitest", args).code;
}

function main(): number {
  const given = process.env["OPENMLS_POSTGRES_URL"];
  if (given !== undefined) {
    return runTests(given);
  }
  if (binaries() === undefined) {
    install();
  }
  const bin = binaries();
  if (bin === undefined) {
    throw new Error("PostgreSQL was installed, but there is no initdb");
  }
  const folder = mkdtempSync(join(tmpdir(), "openmls-postgres-"));
  try {
    if (asRoot) {
      const id = (flag: string): number =>
        Number(spawnSync("id", [flag, SERVER_USER], { encoding: "utf8" }).stdout);
      chownSync(folder, id("-u"), id("-g"));
    }
    startServer(bin, folder);
    try {
      return runTests(`postgres://openmls@localhost/postgres?host=${encodeURIComponent(folder)}`);
    } finally {
      asServer(folder, join(bin, "pg_ctl"), ["-D", join(folder, "data"), "-m", "fast", "stop"]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main();
