import { packageFolder } from "../manifest.ts";
import { providerNamed } from "../providers.ts";
import { generatedFiles } from "./files.ts";
import { writeGenerated } from "./write.ts";

// `pnpm vectors:generate [PART]…`: writes the files whose names contain a PART, or all. crypto-node makes them;
// `pnpm vectors` then verifies them on the other providers too.
const parts = process.argv.slice(2).filter((part) => part !== "--");
const chosen = generatedFiles.filter(
  ({ file }) => parts.length === 0 || parts.some((part) => file.includes(part)),
);
const entries = await writeGenerated(chosen, providerNamed("crypto-node"), packageFolder);
for (const { file, cases, bytes } of entries) {
  process.stdout.write(
    `${file.padEnd(48)} ${String(cases).padStart(4)} cases ${String(bytes).padStart(8)} bytes\n`,
  );
}
const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
process.stdout.write(`${entries.length} files, ${total} bytes\n`);
