// A CommonJS project: require() of ES modules, as Node.js 22.12 and newer have it.
const { nodeCrypto } = require("@openmls-ts/crypto-node");
const { playAll } = require("./scene.mjs");

void playAll(console.log, nodeCrypto(), { suites: [1] });
