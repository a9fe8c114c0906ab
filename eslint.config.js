import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { noRepeatedScan } from "./scripts/eslint/no-repeated-scan.ts";

// true: a search of one array for each element of another is an error in the core.
const enforce = true;

export default defineConfig(
  globalIgnores([
    "**/dist/",
    "**/coverage/",
    "**/.turbo/",
    "**/node_modules/",
    "packages/consumer-tests/projects/",
  ]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
        { selector: "TSEnumDeclaration", message: "Use a const object." },
      ],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/promise-function-async": "error",
      "@typescript-eslint/strict-boolean-expressions": [
        "error",
        { allowString: false, allowNumber: false, allowNullableObject: false },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // An interface's Promise-returning method is `async` (promise-function-async) even where one
      // implementation has nothing to await.
      "@typescript-eslint/require-await": "off",
      // Bounded loops over bytes need it under noUncheckedIndexedAccess.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    files: [
      "examples/**/*.ts",
      "scripts/**/*.ts",
      "test-vectors/**/*.ts",
      "packages/{benchmarks,browser-tests,crash,fuzz,simulation}/**/*.ts",
    ],
    rules: { "no-console": "off" },
  },
  {
    files: ["packages/mls-core/src/**/*.ts"],
    ignores: ["**/testing/**", "**/*.test.ts"],
    plugins: { local: { rules: { "no-repeated-scan": noRepeatedScan } } },
    rules: { "local/no-repeated-scan": enforce ? "error" : "off" },
  },
  { files: ["*.config.ts"], rules: { "no-restricted-syntax": "off" } },
);
