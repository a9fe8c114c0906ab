// Jest's own loader knows no require() of ES modules, so Babel makes CommonJS of these packages too.
module.exports = {
  testMatch: ["**/*.test.mjs"],
  moduleFileExtensions: ["js", "mjs"],
  transform: { "\\.m?js$": "babel-jest" },
  transformIgnorePatterns: ["/node_modules/(?!(@openmls-ts|@noble)/)"],
};
