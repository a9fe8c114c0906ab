// `npm run benchmark [-- suite]`: what each crypto provider costs, in µs per operation (median).
import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { timeOperations } from "./operations.ts";

const rounds = 41;
const id = Number(process.argv[2] ?? "1");

const table: Record<string, Record<string, string>> = {};
for (const provider of [nodeCrypto(), webCrypto(), nobleCrypto()]) {
  const supported: readonly number[] = await provider.supportedCipherSuites();
  if (!supported.includes(id)) {
    console.log(`${provider.name} has no cipher suite ${id} here; it has ${supported.join(", ")}`);
    continue;
  }
  for (const { operation, microseconds } of await timeOperations(await provider.cipherSuite(id), rounds)) {
    table[operation] = { ...table[operation], [provider.name]: microseconds.toFixed(1) };
  }
}
console.log(`Cipher suite ${id}, Node.js ${process.version}, µs per operation, median of ${rounds}`);
console.table(table);
