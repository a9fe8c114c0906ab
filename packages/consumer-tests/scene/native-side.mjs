// Bundled for engines without a platform, as React Native has them. The one polyfill, crypto.getRandomValues, is before it.
import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { play, playAll } from "./scene.mjs";

// Without the polyfill everything is loaded all the same, and the first call says what is missing.
const { crypto } = globalThis;
delete globalThis.crypto;
play(nobleCrypto(), 1)
  .then(
    () => "nothing was missing",
    (error) => (error.code === "ERR_MLS_UNSUPPORTED_RUNTIME" ? undefined : `${error}`),
  )
  .then((error) => {
    globalThis.print(`@@ ${JSON.stringify({ label: "imports", suite: 1, error })}`);
    globalThis.crypto = crypto;
    return playAll(globalThis.print, nobleCrypto(), { suites: globalThis.SUITES });
  })
  .catch((error) =>
    globalThis.print(`@@ ${JSON.stringify({ label: "crypto-noble", suite: 0, error: `${error}` })}`),
  );
