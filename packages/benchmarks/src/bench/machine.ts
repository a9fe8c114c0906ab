import { arch, cpus, platform } from "node:os";

/** What numbers depend on, in one line. */
export function machine(): string {
  const [first] = cpus();
  const model = first?.model.trim() ?? "unknown processor";
  return `Node.js ${process.version}, OpenSSL ${process.versions.openssl}, ${platform()} ${arch()}, ${cpus().length} × ${model}`;
}
