import nodeResolve from "@rollup/plugin-node-resolve";

export default {
  input: "app.mjs",
  output: { dir: "out-rollup", entryFileNames: "app.mjs", format: "es" },
  plugins: [nodeResolve({ browser: true })],
  onwarn: (warning) => {
    throw new Error(warning.message); // a cycle, an unused import, anything
  },
};
