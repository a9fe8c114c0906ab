import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BrowserName, PROGRAMS } from "../harness/launch.ts";

const ARGUMENTS: Readonly<Record<BrowserName, (profile: string) => readonly string[]>> = {
  chromium: (profile) => [
    ...["--headless", "--disable-gpu", "--no-first-run", "--disable-quic", "--disable-sync"],
    ...["--disable-background-networking", "--disable-component-update", "--disable-breakpad"],
    "--enable-logging=stderr",
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    `--user-data-dir=${profile}`,
  ],
  firefox: (profile) => ["--headless", "--no-remote", "--profile", profile],
};

// Firefox asks for a safe mode after some crashes, and opens pages of its own; for thumbnails it loads ours once more, in a
// container with other storage.
const FIREFOX_PREFERENCES: Readonly<Record<string, unknown>> = {
  "toolkit.startup.max_resumed_crashes": -1,
  "browser.sessionstore.resume_from_crash": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "browser.pagethumbnails.capturing_disabled": true,
  "browser.newtabpage.enabled": false,
  "browser.newtabpage.activity-stream.feeds.topsites": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
};

/** A browser without a driver, on a profile that lasts. */
export class BrowserProcess {
  readonly #child: ChildProcess;
  readonly #said: string;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, said: string) {
    this.#child = child;
    this.#said = said;
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => resolve());
    });
  }

  static start(
    name: BrowserName,
    profile: string,
    url: string,
    program: string = PROGRAMS[name],
  ): BrowserProcess {
    if (name === "firefox") {
      const lines = Object.entries(FIREFOX_PREFERENCES).map(
        ([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`,
      );
      writeFileSync(join(profile, "user.js"), lines.join(""));
    }
    // A process group of its own, so that the kill reaches all processes of this browser and no other.
    const said = join(profile, "stderr.log");
    const file = openSync(said, "w");
    const stdio = ["ignore", "ignore", file] as const;
    const child = spawn(program, [...ARGUMENTS[name](profile), url], { stdio: [...stdio], detached: true });
    closeSync(file);
    return new BrowserProcess(child, said);
  }

  /** Whether the browser said that it found the files of a database damaged and deleted them, as Chromium does. */
  get deletedDatabase(): boolean {
    return /IndexedDB recovering from a corrupted \(and deleted\) database/.test(
      readFileSync(this.#said, "utf8"),
    );
  }

  /** Kills the browser with all its processes, in the middle of whatever it does. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    if (pid !== undefined) {
      process.kill(-pid, "SIGKILL");
    }
    await this.#ended;
  }
}
