// `npm run docs` builds the site. Pages that are not there (yet) have no place in the navigation.
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { REPOSITORY } from "../../scripts/manifests.ts";

const docs = fileURLToPath(new URL("..", import.meta.url));
const root = join(docs, "..");

/** @param {[text: string, page: string][]} pages */
const items = (pages) =>
  pages
    .filter(([, page]) => existsSync(join(docs, `${page}.md`)))
    .map(([text, page]) => ({ text, link: `/${page}` }));

/** One entry for each that can be imported: `storage-sqlite/src/bun` is `storage-sqlite/bun`. */
const api = join(docs, "api");
const reference = (existsSync(api) ? readdirSync(api, { withFileTypes: true, recursive: true }) : [])
  .filter(({ name }) => name === "index.md")
  .map(({ parentPath }) => relative(api, parentPath))
  .filter((path) => path.includes("/src") && !path.endsWith("/testing"))
  .sort()
  .map((path) => ({ text: path.replace("/src", ""), link: `/api/${path}/` }));

const sidebar = [
  {
    text: "Begin",
    items: items([
      ["Which packages to install", "packages"],
      ["Your first group", "first-group"],
      ["Credentials: what you must check", "credentials"],
      ["Building an application", "building-an-application"],
      ["Questions", "faq"],
    ]),
  },
  {
    text: "Recipes",
    items: items([
      ["Browser", "recipes/browser"],
      ["Node.js", "recipes/node"],
      ["React Native", "recipes/react-native"],
      ["Electron and workers", "recipes/electron-and-workers"],
      ["Bun", "recipes/bun"],
      ["Deno", "recipes/deno"],
      ["Cloudflare Workers", "recipes/workers"],
      ["Jest, vitest", "recipes/jest"],
    ]),
  },
  {
    text: "In depth",
    items: items([
      ["Guide", "guide"],
      ["Extending", "extending"],
      ["A proposal of your own", "custom-proposals"],
      ["An extension of your own", "custom-extensions"],
      ["A credential of your own", "custom-credentials"],
      ["Drafts and their code points", "drafts"],
      ["Post-quantum cipher suites", "post-quantum"],
      ["Write your own providers", "write-a-provider"],
      ["Security and threat model", "security"],
      ["Operations", "operations"],
      ["Performance", "performance"],
    ]),
  },
  {
    text: "Coming from",
    items: items([
      ["OpenMLS", "from-openmls"],
      ["ts-mls", "from-ts-mls"],
      ["core-crypto", "from-core-crypto"],
    ]),
  },
  {
    text: "Look up",
    items: items([
      ["Errors", "errors"],
      ["Rules", "rules"],
      ["Glossary", "glossary"],
      ["RFC map", "rfc-map"],
      ["Architecture", "architecture"],
    ]),
  },
  { text: "API", collapsed: true, items: reference },
];

/** Links out of docs/ lead to the repository: the site has no other files of it. */
function linksToRepository(md) {
  md.core.ruler.push("links-to-repository", ({ env, tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet?.("href");
      if (token.type !== "link_open" || href === null || !/^\.\.?\//.test(href)) continue;
      const [path, anchor] = href.split("#");
      const target = relative(root, join(dirname(env.path ?? join(docs, "x.md")), path));
      if (target.startsWith("docs/")) continue;
      token.attrSet("href", `${REPOSITORY}/blob/main/${target}${anchor === undefined ? "" : `#${anchor}`}`);
    }
  });
}

export default defineConfig({
  title: "OpenMLS for TypeScript",
  description: "Messaging Layer Security (RFC 9420) for TypeScript",
  cleanUrls: true,
  markdown: { config: linksToRepository },
  vite: { build: { chunkSizeWarningLimit: 5000 } },
  themeConfig: {
    nav: [
      { text: "First group", link: "/first-group" },
      { text: "Guide", link: "/guide" },
      { text: "Errors", link: "/errors" },
    ],
    sidebar,
    search: { provider: "local" },
    outline: [2, 3],
    socialLinks: [{ icon: "github", link: REPOSITORY }],
  },
});
