import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Contestant, Membership, Person } from "../contestant.ts";

/** What is used of the package, which ships for bundlers only. */
interface Wasm {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
  readonly Provider: new () => WasmProvider;
  readonly Identity: new (provider: WasmProvider, name: string) => WasmIdentity;
  readonly Group: {
    create_new(provider: WasmProvider, founder: WasmIdentity, groupId: string): WasmGroup;
    join(provider: WasmProvider, welcome: Uint8Array, tree: object): WasmGroup;
  };
}
type WasmProvider = object;
interface WasmIdentity {
  key_package(provider: WasmProvider): object;
}
interface WasmGroup {
  export_ratchet_tree(): object;
  propose_and_commit_add(provider: WasmProvider, sender: WasmIdentity, member: object): Invitation;
  merge_pending_commit(provider: WasmProvider): void;
  create_message(provider: WasmProvider, sender: WasmIdentity, message: Uint8Array): Uint8Array;
  process_message(provider: WasmProvider, message: Uint8Array): Uint8Array;
}
interface Invitation {
  readonly proposal: Uint8Array;
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array;
}

/**
 * openmls-wasm: suite 1 only, adds only, key packages and trees as objects of its own. They go from member to member under a
 * number here, which spares it reading and checking a key package that comes as bytes.
 */
export async function openmlsWasm(version: string): Promise<Contestant> {
  const wasm = await instantiate();
  const objects: object[] = [];
  const name = `openmls-wasm ${version}`;
  return {
    name,
    most: 200,
    onlyAdds: true,
    onlySparse: true,
    person: async (who) => person(wasm, objects, who),
  };
}

async function instantiate(): Promise<Wasm> {
  const base = new URL(".", import.meta.resolve("openmls-wasm"));
  const glue = (await import(new URL("openmls_wasm_bg.js", base).href)) as Wasm;
  const bytes = await readFile(fileURLToPath(new URL("openmls_wasm_bg.wasm", base)));
  const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes), {
    "./openmls_wasm_bg.js": glue as unknown as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports["__wbindgen_start"] as () => void)();
  return glue;
}

function person(wasm: Wasm, objects: object[], who: string): Person {
  const provider = new wasm.Provider();
  const identity = new wasm.Identity(provider, who);
  return {
    keyPackage: async () => numbered(objects, identity.key_package(provider)),
    create: async () =>
      membership(objects, provider, identity, wasm.Group.create_new(provider, identity, "benchmark")),
    join: async (welcome) => {
      const tree = objectAt(objects, welcome.subarray(0, 4));
      return membership(objects, provider, identity, wasm.Group.join(provider, welcome.slice(4), tree));
    },
  };
}

function membership(
  objects: object[],
  provider: WasmProvider,
  identity: WasmIdentity,
  group: WasmGroup,
): Membership {
  return {
    add: async (keyPackages) => {
      let last: Invitation | undefined;
      for (const keyPackage of keyPackages) {
        last = group.propose_and_commit_add(provider, identity, objectAt(objects, keyPackage));
        group.merge_pending_commit(provider);
      }
      const { commit, welcome } = last!;
      const tree = numbered(objects, group.export_ratchet_tree());
      return { commit, welcome: new Uint8Array([...tree, ...welcome]) };
    },
    encrypt: async (plaintext) => group.create_message(provider, identity, plaintext),
    decrypt: async (message) => group.process_message(provider, message),
  };
}

function numbered(objects: object[], object: object): Uint8Array {
  const number = objects.push(object) - 1;
  return new Uint8Array(Uint32Array.of(number).buffer);
}

function objectAt(objects: readonly object[], number: Uint8Array): object {
  return objects[new Uint32Array(number.slice().buffer)[0] ?? 0]!;
}
