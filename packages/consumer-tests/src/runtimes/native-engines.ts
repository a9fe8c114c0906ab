import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { run } from "../run.ts";
import { tool, type Workshop } from "../workshop.ts";
import { bundle } from "./bundled.ts";
import { playedIn, type Run, type Runtime } from "./runtime.ts";

/** Versions of what the engines come in. */
const QUICKJS = "0.32.0";
const HERMES = "0.12.0";

/**
 * The one polyfill that the documentation asks for on React Native. Engines without a platform have no randomness at all,
 * so some from outside is written into the script; for a test that is enough, and for nothing else.
 */
function polyfill(suites: readonly number[] | undefined): string {
  const bytes = randomBytes(1 << 18).toString("hex");
  return `
    globalThis.SUITES = ${JSON.stringify(suites)};
    (function () {
      var pool = "${bytes}", at = 0;
      globalThis.crypto = {
        getRandomValues: function (target) {
          for (var i = 0; i < target.length; i++, at += 2) {
            if (at >= pool.length) throw new Error("the pool is empty");
            target[i] = parseInt(pool.slice(at, at + 2), 16);
          }
          return target;
        },
      };
    })();\n`;
}

/** What an Android or iOS application gets from Metro's preset: no classes, no private fields, no async functions. */
async function asMetroWould(script: string, folder: string): Promise<string> {
  const tools = await tool("react-native-babel", {
    "@babel/core": "^7.28.0",
    "@babel/plugin-transform-class-static-block": "^7.28.0",
    promise: "^8.3.0", // React Native puts this one in the place of the engine's
    "@react-native/babel-preset": "^0.83.0",
  });
  const promise = `
    globalThis.Promise = require("promise/setimmediate/es6-extensions");
    require("promise/setimmediate/finally");`;
  writeFileSync(join(tools, "promise.js"), promise);
  writeFileSync(join(tools, "in.js"), (await bundle(tools, "promise.js", "iife")) + script);
  writeFileSync(
    join(tools, "transform.cjs"),
    `const { transformFileSync } = require("@babel/core");
     const preset = require("@react-native/babel-preset");
     const { code } = transformFileSync("in.js", {
       configFile: false, compact: true, sourceType: "script",
       plugins: ["@babel/plugin-transform-class-static-block"], // as docs/recipes/react-native.md says
       presets: [[preset, { disableImportExportTransform: true, enableBabelRuntime: false, unstable_transformProfile: "default" }]],
     });
     require("node:fs").writeFileSync(${JSON.stringify(join(folder, "hermes-body.js"))}, code);`,
  );
  const { code, output } = await run(process.execPath, ["transform.cjs"], { cwd: tools });
  if (code !== 0) throw new Error(output.slice(-2000));
  return join(folder, "hermes-body.js");
}

async function playQuickJs(site: Workshop, suites: readonly number[] | undefined): Promise<Run> {
  const tools = await tool("quickjs", { "quickjs-emscripten": QUICKJS });
  writeFileSync(
    join(site.folder, "quickjs.js"),
    polyfill(suites) + (await bundle(site.folder, "native-side.mjs", "iife")),
  );
  writeFileSync(
    join(tools, "host.cjs"),
    `const { getQuickJS } = require("quickjs-emscripten");
     getQuickJS().then((quickjs) => {
       const vm = quickjs.newContext();
       const print = vm.newFunction("print", (line) => console.log(vm.dump(line)));
       vm.setProp(vm.global, "print", print);
       vm.unwrapResult(vm.evalCode(require("node:fs").readFileSync(process.argv[2], "utf8"))).dispose();
       for (;;) {
         const jobs = vm.runtime.executePendingJobs();
         if (jobs.error) throw new Error(JSON.stringify(vm.dump(jobs.error)));
         if (jobs.value === 0) break;
       }
     });`,
  );
  const { output } = await run(process.execPath, ["host.cjs", join(site.folder, "quickjs.js")], {
    cwd: tools,
    timeout: 1200,
  });
  return {
    version: QUICKJS,
    played: playedIn(output),
  };
}

async function playHermes(site: Workshop, suites: readonly number[] | undefined): Promise<Run> {
  const tools = await tool("hermes", { "hermes-engine-cli": HERMES });
  const platform = process.platform === "darwin" ? "osx-bin" : "linux64-bin";
  const program = join(tools, "node_modules", "hermes-engine-cli", platform, "hermes");
  const body = await asMetroWould(await bundle(site.folder, "native-side.mjs", "iife"), site.folder);
  const script = join(site.folder, "hermes.js");
  writeFileSync(script, polyfill(suites) + readFileSync(body, "utf8"));
  const { output } = await run(program, ["-O", "-w", script], { cwd: site.folder, timeout: 1200 });
  return { version: HERMES, played: playedIn(output) };
}

/** Stand-ins for React Native: its engine, and a smaller one, without any platform around them. */
export const nativeEngines: readonly Runtime[] = [
  { id: "quickjs", title: "QuickJS", how: "bundled by esbuild, `getRandomValues` added", play: playQuickJs },
  {
    id: "hermes",
    title: "Hermes (React Native)",
    how: "bundled, React Native's Babel preset, `getRandomValues` added",
    play: playHermes,
  },
];
