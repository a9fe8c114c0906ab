export { checkForeignBytes, foreign } from "./foreign-bytes.ts";
export { checkSuiteExtension, COMBINED, WITH_OWN_KEM } from "./suite-extension.ts";
export { readVectors } from "./vectors.ts";
