import { type CipherSuite } from "@openmls-ts/traits";
import { setParent } from "./testing/edits.ts";
import { beforeAll, describe, expect, it } from "vitest";
import {
  applicationIdExtension,
  type Capabilities,
  externalPubExtension,
  type LeafNode,
  type RequiredCapabilities,
  requiredCapabilitiesExtension,
} from "../wire/index.ts";
import { isGrease, LeafNodeSource } from "../registry.ts";
import { freshSigner, mlsError, suiteOf } from "../testing/suites.ts";
import {
  type LeafContext,
  signLeaf,
  validateLeaf,
  validateLeafKeys,
  verifyLeafSignature,
} from "./leaf-validation.ts";
import { RatchetTree } from "./ratchet-tree.ts";
import { fakeKey, fakeLeaf } from "./testing/leaves.ts";

let suite: CipherSuite;
beforeAll(async () => {
  suite = await suiteOf(1);
});

function validating(leaf: LeafNode, context: Partial<LeafContext> = {}): () => void {
  return () => validateLeaf(leaf, { suite, groupContextExtensions: [], ...context });
}

const roomy = { maxLifetime: 2n ** 64n, maxLeafSize: 1 << 20 };

const broken = (rule: string): Error => mlsError("ERR_MLS_VALIDATION", rule);

function capable(changes: Partial<Capabilities>, rest: Partial<LeafNode> = {}): LeafNode {
  return fakeLeaf(1, { capabilities: { ...fakeLeaf(1).capabilities, ...changes }, ...rest });
}

const extension = (extensionType: number): { extensionType: number; extensionData: Uint8Array } => ({
  extensionType,
  extensionData: new Uint8Array(),
});

describe("a leaf", () => {
  it("names the source that its place demands (valn0108, valn0109, valn0110)", () => {
    const rules = { keyPackage: "valn0108", update: "valn0109", commit: "valn0110" } as const;
    for (const [name, rule] of Object.entries(rules) as [keyof typeof rules, string][]) {
      for (const source of Object.values(LeafNodeSource)) {
        const leaf = fakeLeaf(1, {
          leafNodeSource: source,
          parentHash: new Uint8Array(32),
        });
        const check = validating(leaf, { expectedSource: LeafNodeSource[name] });
        if (source === LeafNodeSource[name]) {
          expect(check).not.toThrow();
        } else {
          expect(check).toThrow(broken(rule));
        }
      }
    }
  });

  it("lists version and cipher suite of the group (rfc38)", () => {
    for (const lacking of [
      { versions: [] },
      { versions: [2] },
      { cipherSuites: [] },
      { cipherSuites: [2, 3] },
    ]) {
      expect(validating(capable(lacking))).toThrow(broken("rfc38"));
    }
  });

  it("may list unknown, repeated and default values (rfc37, rfc39)", () => {
    const many = {
      versions: [1, 1, 0x0a0a],
      cipherSuites: [1, 0x7a7a],
      extensions: [1, 5, 0xf00f],
      proposals: [3, 0xbaba],
      credentials: [1, 0xf0f0],
    };
    expect(validating(capable(many))).not.toThrow();
  });

  it("lists the type of its own credential (valn0113)", () => {
    for (const credentials of [[], [2]]) {
      expect(validating(capable({ credentials }))).toThrow(broken("valn0113"));
    }
  });

  it("lists the types of its extensions, but default ones (valn0107)", () => {
    for (const type of [0xf001, 0x1a1a]) {
      expect(validating(fakeLeaf(1, { extensions: [extension(type)] }))).toThrow(broken("valn0107"));
      expect(validating(capable({ extensions: [type] }, { extensions: [extension(type)] }))).not.toThrow();
    }
    expect(validating(fakeLeaf(1, { extensions: [applicationIdExtension(Uint8Array.of(1))] }))).not.toThrow();
  });

  it("holds no extension that belongs elsewhere (valn1601)", () => {
    for (const misplaced of [externalPubExtension(fakeKey(1, 1)), extension(2), extension(3), extension(5)]) {
      expect(validating(fakeLeaf(1, { extensions: [misplaced] }))).toThrow(broken("valn1601"));
    }
  });

  it("lists all extension types of the GroupContext (rfc115)", () => {
    const groupContextExtensions = [extension(0xf001)];
    expect(validating(fakeLeaf(1), { groupContextExtensions })).toThrow(broken("rfc115"));
    expect(validating(capable({ extensions: [0xf001] }), { groupContextExtensions })).not.toThrow();
  });

  it("lists what the group requires (valn0103)", () => {
    const required: RequiredCapabilities = {
      extensionTypes: [0xf001, 1],
      proposalTypes: [0xf002, 3],
      credentialTypes: [2],
    };
    const full = { extensions: [0xf001], proposals: [0xf002], credentials: [1, 2] };
    for (const context of [
      { requiredCapabilities: required },
      { groupContextExtensions: [requiredCapabilitiesExtension(required)] },
    ]) {
      expect(validating(capable(full), context)).not.toThrow();
      for (const lacking of [{ extensions: [] }, { proposals: [] }, { credentials: [1] }]) {
        expect(validating(capable({ ...full, ...lacking }), context)).toThrow(broken("valn0103"));
      }
    }
  });

  it("does not mean the GREASE that it lists (rfc119)", () => {
    const listing = { extensions: [0x2a2a], proposals: [0x2a2a], credentials: [1, 0x2a2a] };
    const required = { extensionTypes: [], proposalTypes: [], credentialTypes: [] };
    for (const kind of ["extensionTypes", "proposalTypes", "credentialTypes"] as const) {
      const requiredCapabilities = { ...required, [kind]: [0x2a2a] };
      expect(validating(capable(listing), { requiredCapabilities })).toThrow(broken("valn0103"));
    }
    const groupContextExtensions = [extension(0x2a2a)];
    expect(validating(capable(listing), { groupContextExtensions })).toThrow(broken("rfc115"));
    const credential = { credentialType: 0x2a2a, content: new Uint8Array() };
    expect(validating(capable(listing, { credential }))).toThrow(broken("valn0113"));
    const tree = RatchetTree.create(suite, capable(listing));
    expect(tree.supportCount("extensions", 0x2a2a)).toBe(0);
  });

  it("is compared with long lists in one pass over each", () => {
    // What is asked for is looked at in lists that cannot be searched again and again.
    let reads = 0;
    const types = Array.from({ length: 20_000 }, (_, i) => i + 100).filter((type) => !isGrease(type));
    const counting = new Proxy(types, {
      get: (target, name) => {
        reads++;
        return Reflect.get(target, name, target) as unknown;
      },
    });
    const requiredCapabilities = { extensionTypes: types, proposalTypes: types, credentialTypes: [] };
    const leaf = capable({ extensions: counting, proposals: counting });
    expect(validating(leaf, { requiredCapabilities, limits: roomy })).not.toThrow();
    expect(reads).toBeLessThan(40 * types.length);
  });

  it("is no longer than the limits allow, however it is long", () => {
    const extensions = [{ extensionType: 0xf001, extensionData: new Uint8Array(65_000) }];
    const long = capable({ extensions: [0xf001] }, { extensions });
    expect(validating(long)).not.toThrow();
    expect(validating(long, { limits: { maxLifetime: 2n ** 64n, maxLeafSize: 65_000 } })).toThrow(
      mlsError("ERR_MLS_LIMIT"),
    );
    const many = capable({ proposals: Array.from({ length: 40_000 }, (_, i) => i + 100) });
    expect(validating(many)).toThrow(mlsError("ERR_MLS_LIMIT"));
  });

  it("lives no longer than allowed (rfc40)", () => {
    const lived = (notBefore: bigint, notAfter: bigint): (() => void) =>
      validating(fakeLeaf(1, { lifetime: { notBefore, notAfter } }), { limits: { maxLifetime: 100n } });
    expect(lived(50n, 150n)).not.toThrow();
    expect(lived(50n, 151n)).toThrow(broken("rfc40"));
    expect(lived(50n, 49n)).toThrow(broken("rfc40"));
    expect(lived(0n, 2n ** 64n - 1n)).toThrow(broken("rfc40"));
  });

  it("is within its lifetime, as far as the policy minds (valn0105, valn0106)", () => {
    const leaf = fakeLeaf(1, { lifetime: { notBefore: 10n, notAfter: 20n } });
    for (const now of [9n, 21n]) {
      expect(validating(leaf, { now, lifetimePolicy: "require" })).toThrow(broken("valn0105"));
      expect(validating(leaf, { now, lifetimePolicy: "refuse" })).toThrow(
        expect.objectContaining({
          rule: "valn0106",
          details: { notBefore: 10n, notAfter: 20n, now },
        }) as Error,
      );
      expect(validating(leaf, { now, lifetimePolicy: "tolerate" })).not.toThrow();
      expect(validating(leaf, { now })).not.toThrow();
    }
    for (const now of [10n, 20n]) {
      expect(validating(leaf, { now, lifetimePolicy: "require" })).not.toThrow();
    }
  });

  it("has keys of the group's scheme and suite (rfc10, rfc08)", async () => {
    expect(validating(fakeLeaf(1, { signatureKey: new Uint8Array(65).fill(4) }))).toThrow(broken("rfc10"));
    const signer = await freshSigner(suite);
    const keys = await suite.deriveKeyPair(new Uint8Array(32));
    const good = fakeLeaf(1, { signatureKey: signer.publicKey, encryptionKey: keys.publicKey });
    await expect(validateLeafKeys(suite, good)).resolves.toBeUndefined();
    for (const length of [0, 31, 33]) {
      const key = new Uint8Array(length).fill(1);
      await expect(validateLeafKeys(suite, { ...good, encryptionKey: key })).rejects.toThrow(broken("rfc08"));
      await expect(validateLeafKeys(suite, { ...good, signatureKey: key })).rejects.toThrow(broken("rfc08"));
    }
  });
});

describe("a leaf in a tree", () => {
  const treeOf = (...leaves: LeafNode[]): RatchetTree => {
    const tree = RatchetTree.create(suite, leaves[0]!);
    for (const leaf of leaves.slice(1)) {
      tree.addLeaf(leaf);
    }
    return tree;
  };

  it("brings keys of its own (valn0111, valn0112, rfc54)", () => {
    const tree = treeOf(fakeLeaf(10), fakeLeaf(11));
    setParent(tree, 1, { encryptionKey: fakeKey(9, 1), parentHash: new Uint8Array(), unmergedLeaves: [] });
    const { encryptionKey, signatureKey } = fakeLeaf(11);
    expect(validating(fakeLeaf(1), { tree })).not.toThrow();
    expect(validating(fakeLeaf(1, { signatureKey }), { tree })).toThrow(broken("valn0111"));
    expect(validating(fakeLeaf(1, { encryptionKey }), { tree })).toThrow(broken("valn0112"));
    for (const crossed of [
      { encryptionKey: signatureKey },
      { signatureKey: encryptionKey },
      { encryptionKey: fakeKey(9, 1) },
      { signatureKey: fakeKey(9, 1) },
      { signatureKey: fakeLeaf(1).encryptionKey },
    ]) {
      expect(validating(fakeLeaf(1, crossed), { tree })).toThrow(broken("rfc54"));
    }
  });

  it("may keep the signature key that it replaces, but not the encryption key (valn0109, valn1208)", () => {
    const tree = treeOf(fakeLeaf(10), fakeLeaf(11));
    const update = { leafNodeSource: LeafNodeSource.update };
    const commit = { leafNodeSource: LeafNodeSource.commit, parentHash: new Uint8Array(32) };
    const replacing = { tree, replacesLeaf: 1 };
    const { signatureKey } = fakeLeaf(11);
    expect(validating(fakeLeaf(1, { ...update, signatureKey }), replacing)).not.toThrow();
    expect(validating(fakeLeaf(11, update as Partial<LeafNode>), replacing)).toThrow(broken("valn0109"));
    expect(validating(fakeLeaf(11, commit as Partial<LeafNode>), replacing)).toThrow(broken("valn1208"));
    expect(validating(tree.leaf(1)!, replacing)).not.toThrow();
  });

  it("supports all credentials, and is supported by all (valn0104)", () => {
    const x509 = { credential: { credentialType: 2, certificates: [] } } as const;
    const both = { credentials: [1, 2] };
    const { capabilities } = fakeLeaf(1);
    const able = (number: number, rest: Partial<LeafNode> = {}): LeafNode =>
      fakeLeaf(number, { capabilities: { ...capabilities, ...both }, ...rest });
    const basicOnly = treeOf(able(10), fakeLeaf(11));
    expect(validating(able(1, x509), { tree: basicOnly })).toThrow(broken("valn0104"));
    const mixed = treeOf(able(10), able(11, x509));
    expect(validating(fakeLeaf(1), { tree: mixed })).toThrow(broken("valn0104"));
    expect(validating(able(1, x509), { tree: mixed })).not.toThrow();
    // The member that stands in the way is the one that is replaced, or is gone.
    expect(validating(able(1, x509), { tree: basicOnly, replacesLeaf: 1 })).not.toThrow();
    expect(validating(fakeLeaf(1), { tree: mixed, replacesLeaf: 1 })).not.toThrow();
    mixed.removeLeaf(1);
    expect(validating(fakeLeaf(1), { tree: mixed })).not.toThrow();
  });
});

describe("a leaf that its tree holds already", () => {
  const rest = [fakeLeaf(10), fakeLeaf(11), fakeLeaf(12)];
  const judged = (leaf: LeafNode, others: readonly LeafNode[] = rest): (() => void) => {
    const tree = RatchetTree.create(suite, others[0]!);
    for (const other of [leaf, ...others.slice(1)]) {
      tree.addLeaf(other);
    }
    return validating(leaf, { tree, leafIndex: 1 });
  };

  it("does not stand in its own way", () => {
    expect(judged(fakeLeaf(1))).not.toThrow();
  });

  it("shares no key with another node (valn0111, valn0112, rfc54)", () => {
    expect(judged(fakeLeaf(1, { encryptionKey: rest[1]!.encryptionKey }))).toThrow(broken("valn0112"));
    expect(judged(fakeLeaf(1, { signatureKey: rest[0]!.signatureKey }))).toThrow(broken("valn0111"));
    expect(judged(fakeLeaf(1, { signatureKey: rest[2]!.encryptionKey }))).toThrow(broken("rfc54"));
    expect(judged(fakeLeaf(1, { encryptionKey: rest[2]!.signatureKey }))).toThrow(broken("rfc54"));
  });

  it("supports all credentials, and is supported by all (valn0104)", () => {
    const credential = { credentialType: 0xf001, content: new Uint8Array() };
    const able = { ...fakeLeaf(1).capabilities, credentials: [1, 0xf001] };
    const custom = fakeLeaf(1, { credential, capabilities: able });
    expect(judged(custom)).toThrow(broken("valn0104"));
    const others = rest.map((leaf) => ({ ...leaf, capabilities: able }));
    expect(judged(custom, others)).not.toThrow();
    expect(judged(fakeLeaf(1), [others[0]!, { ...others[1]!, credential }])).toThrow(broken("valn0104"));
  });
});

describe("a leaf of ours", () => {
  it("lists no default types, its own extensions, and has no GREASE for a credential (rfc37, valn0107, rfc117)", async () => {
    const signer = await freshSigner(suite);
    const signing = async (leaf: LeafNode): Promise<LeafNode> =>
      signLeaf(suite, signer, { ...leaf, signatureKey: signer.publicKey });
    await expect(signing(capable({ extensions: [5] }))).rejects.toThrow(broken("rfc37"));
    await expect(signing(capable({ proposals: [0xf001, 1] }))).rejects.toThrow(broken("rfc37"));
    await expect(signing(fakeLeaf(1, { extensions: [extension(0x1a1a)] }))).rejects.toThrow(
      broken("valn0107"),
    );
    const twice = capable({ extensions: [0xf001] }, { extensions: [extension(0xf001), extension(0xf001)] });
    await expect(signing(twice)).rejects.toThrow(broken("rfc114"));
    const credential = { credentialType: 0x1a1a, content: new Uint8Array() };
    await expect(signing(fakeLeaf(1, { credential }))).rejects.toThrow(broken("rfc117"));
    const fine = capable({ extensions: [0x1a1a, 0xf001] }, { extensions: [extension(0x1a1a)] });
    expect((await signing(fine)).extensions).toHaveLength(1);
  });
});

describe("the signature of a leaf (valn0102)", () => {
  it("covers the leaf, and outside of KeyPackages its place", async () => {
    const signer = await freshSigner(suite);
    const position = { groupId: Uint8Array.of(1, 2), leafIndex: 3 };
    const unsigned = fakeLeaf(1, { signatureKey: signer.publicKey });
    const free = await signLeaf(suite, signer, unsigned);
    expect(await verifyLeafSignature(suite, free)).toBe(true);
    expect(await verifyLeafSignature(suite, free, position)).toBe(true);
    expect(await verifyLeafSignature(suite, { ...free, encryptionKey: fakeKey(7, 7) })).toBe(false);
    expect(await verifyLeafSignature(suite, { ...free, signature: free.signature.slice(1) })).toBe(false);
    const update = { ...unsigned, leafNodeSource: LeafNodeSource.update };
    const bound = await signLeaf(suite, signer, update, position);
    expect(await verifyLeafSignature(suite, bound, position)).toBe(true);
    expect(await verifyLeafSignature(suite, bound)).toBe(false);
    expect(await verifyLeafSignature(suite, bound, { ...position, leafIndex: 4 })).toBe(false);
    expect(await verifyLeafSignature(suite, bound, { ...position, groupId: Uint8Array.of(1) })).toBe(false);
    await expect(signLeaf(suite, signer, update)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("is good only if the provider says exactly true (trap58)", async () => {
    for (const answer of [1, "true", {}]) {
      const lax = Object.create(suite, { verify: { value: async () => answer } }) as CipherSuite;
      expect(await verifyLeafSignature(lax, fakeLeaf(1))).toBe(false);
    }
  });
});
