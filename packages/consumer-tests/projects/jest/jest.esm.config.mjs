// Run with NODE_OPTIONS=--experimental-vm-modules.
export default { testMatch: ["**/*.test.mjs"], moduleFileExtensions: ["js", "mjs"], transform: {} };
