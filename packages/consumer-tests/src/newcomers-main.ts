// pnpm test:newcomers: the programs in the documentation, on the packed packages, as a new user would try them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { playChat } from "./newcomers/chat.ts";
import { blocksOf, shortProgram } from "./newcomers/pages.ts";
import { mustRun } from "./run.ts";
import { serverNode } from "./runtimes/server-side.ts";
import { workshop } from "./workshop.ts";

const site = await workshop({ "better-sqlite3": "^13.2.0" });
const { folder } = site;
const parts: Readonly<Record<string, () => Promise<void>>> = {
  "docs/first-group.md": async () => {
    writeFileSync(join(folder, "first.mjs"), blocksOf("first-group.md", "js").join("\n"));
    const output = await mustRun(process.execPath, ["first.mjs"], { cwd: folder });
    if (output !== "epoch 1\nHello Bob\nepoch 2, true\n") throw new Error(output);
  },
  "the bot of docs/recipes/node.md": async () => {
    writeFileSync(join(folder, "bot.mjs"), shortProgram("recipes/node.md"));
    await mustRun(await serverNode("node22"), ["bot-client.mjs", "bot.mjs"], { cwd: folder, timeout: 120 });
  },
  "the chat of docs/recipes/browser.md": async () => playChat(folder),
};
for (const [name, play] of Object.entries(parts)) {
  try {
    await play();
    process.stdout.write(`ok    ${name}\n`);
  } catch (error) {
    process.stdout.write(`FAIL  ${name}: ${String(error)}\n`);
    process.exitCode = 1;
  }
}
site.close();
