import { bin, type Check, type Toolchain } from "./toolchain.ts";

function vitestIn(environment: string): Check {
  return {
    title: `vitest, ${environment}`,
    run: async (folder: string): Promise<void> => {
      await bin("vitest", ["run", "--environment", environment], { cwd: folder });
    },
  };
}

export const vitest: Toolchain = {
  id: "vitest",
  tools: { vitest: "^5.1.0", jsdom: "^31.0.0", "happy-dom": "^21.0.0" },
  checks: ["node", "jsdom", "happy-dom"].map(vitestIn),
};

export const jest: Toolchain = {
  id: "jest",
  tools: {
    jest: "^30.5.0",
    "babel-jest": "^30.5.0",
    "@babel/core": "^7.28.0",
    "@babel/preset-env": "^7.28.0",
  },
  manifest: { type: "commonjs" },
  checks: [
    {
      title: "Jest, ES modules",
      run: async (folder: string): Promise<void> => {
        const env = { NODE_OPTIONS: "--experimental-vm-modules" };
        await bin("jest", ["--config", "jest.esm.config.mjs"], { cwd: folder, env });
      },
    },
    {
      title: "Jest, its own loader with Babel",
      run: async (folder: string): Promise<void> => {
        await bin("jest", ["--config", "jest.default.config.cjs"], { cwd: folder });
      },
    },
  ],
};
