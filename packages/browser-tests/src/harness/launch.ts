import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, firefox, type LaunchOptions } from "playwright-core";

/** The browsers that can be driven; those of the system, not playwright's own. */
export const BROWSERS = ["chromium", "firefox"] as const;

export type BrowserName = (typeof BROWSERS)[number];

/** Programs where Debian puts them. */
export const PROGRAMS: Readonly<Record<BrowserName, string>> = {
  chromium: "/usr/bin/chromium",
  firefox: "/usr/bin/firefox-esr",
};

/** @throws RangeError */
export function browserNamed(name: string): BrowserName {
  const found = BROWSERS.find((each) => each === name);
  if (found === undefined) {
    throw new RangeError(`--browser is one of ${BROWSERS.join(", ")}`);
  }
  return found;
}

// Nobody is there to answer when a page asks to keep its storage.
const FIREFOX_PREFERENCES = {
  "dom.storageManager.prompt.testing": true,
  "dom.storageManager.prompt.testing.allow": true,
};

/** A browser with a fresh profile. */
export interface RunningBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** @param program default where Debian puts it */
export async function launch(name: BrowserName, program: string = PROGRAMS[name]): Promise<RunningBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "browser-tests-"));
  const common: LaunchOptions = { executablePath: program, headless: true };
  const context =
    name === "chromium"
      ? await chromium.launchPersistentContext(profile, {
          ...common,
          chromiumSandbox: process.getuid?.() !== 0,
        })
      : // The stock Firefox speaks WebDriver BiDi, which playwright uses for its “moz-firefox” channels. From 1.64 on
        // playwright asks for more of it than Debian's Firefox has.
        await firefox.launchPersistentContext(profile, {
          ...common,
          channel: "moz-firefox",
          firefoxUserPrefs: FIREFOX_PREFERENCES,
        });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
