module.exports = {
  mode: "production",
  entry: "./app.mjs",
  target: ["web", "es2022"],
  output: { path: `${__dirname}/out-webpack`, filename: "app.cjs" },
  // One file, which Node.js can run as well: chunks are loaded by a page.
  module: { parser: { javascript: { dynamicImportMode: "eager" } } },
  performance: { hints: false },
};
