import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import type { MlsErrorCode } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { encode } from "../codec/index.ts";
import { encodeMlsMessage, keyPackageStruct } from "../wire/index.ts";
import { KeyPackageIn, proposals } from "../index.ts";
import { LeafNodeSource, ProposalType, WireFormat } from "../registry.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { ext } from "../testing/proposals.ts";
import type { Client } from "../testing/client.ts";
import { flip, forgeKeyPackage, forgeProposal, type KeyPackageDefects } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { mlsError } from "../testing/suites.ts";
import {
  expectLeftOut,
  expectRefused,
  expectUnable,
  insideOf,
  newcomer,
  newWorld,
  sharedWorld,
} from "../testing/world.ts";
import { verifiedKeyPackage } from "./key-package.ts";

const crypto = nodeCrypto();

const capabilities = defaultCapabilities();

/** A KeyPackage of Dave's with one defect, and what is said about it. */
interface Case {
  readonly name: string;
  readonly defects: (dave: Client) => KeyPackageDefects | Promise<KeyPackageDefects>;
  readonly code: MlsErrorCode;
  readonly rule: string;
  /** Seen only from inside a group. */
  readonly inGroup?: boolean;
}

const violated = (name: string, rule: string, defects: Case["defects"], inGroup = false): Case => ({
  name,
  rule,
  defects,
  inGroup,
  code: "ERR_MLS_VALIDATION",
});

const badSignature = (name: string, rule: string, defects: Case["defects"]): Case => ({
  name,
  rule,
  defects,
  code: "ERR_MLS_INVALID_SIGNATURE",
});

const lists =
  (change: Partial<typeof capabilities>): Case["defects"] =>
  () => ({
    leaf: (leaf) => ({ ...leaf, capabilities: { ...capabilities, ...change } }),
  });

const stranger = async (): Promise<SignatureKeyPair> =>
  SignatureKeyPair.generate(await crypto.cipherSuite(1));

const CASES: readonly Case[] = [
  badSignature("valn0102: leaf signed by another key", "valn0102", async () => ({
    leafSigner: await stranger(),
  })),
  badSignature("valn0102: one bit of the leaf's signature", "valn0102", () => ({
    signedLeaf: (leaf) => ({ ...leaf, signature: flip(leaf.signature) }),
  })),
  violated("valn0107: extension that the leaf does not list", "valn0107", () => ({
    leaf: (leaf) => ({ ...leaf, extensions: [ext(0xf001)] }),
  })),
  violated("valn0107: GREASE extension that the leaf does not list", "valn0107", () => ({
    leaf: (leaf) => ({ ...leaf, extensions: [ext(0x1a1a)] }),
  })),
  violated("valn0108: leaf of source update", "valn0108", () => ({
    leaf: ({ encryptionKey, signatureKey, credential, extensions }) => ({
      encryptionKey,
      signatureKey,
      credential,
      extensions,
      capabilities,
      leafNodeSource: LeafNodeSource.update,
    }),
  })),
  violated("valn0108: leaf of source commit", "valn0108", () => ({
    leaf: ({ encryptionKey, signatureKey, credential, extensions }) => ({
      encryptionKey,
      signatureKey,
      credential,
      extensions,
      capabilities,
      leafNodeSource: LeafNodeSource.commit,
      parentHash: new Uint8Array(32),
    }),
  })),
  violated("valn0113: own credential type not listed", "valn0113", lists({ credentials: [2] })),
  violated("valn0113: no credential type listed", "valn0113", lists({ credentials: [] })),
  violated(
    "valn0201 trap40: another cipher suite",
    "valn0201",
    () => ({ fields: (kp) => ({ ...kp, cipherSuite: 3 }) }),
    true,
  ),
  violated("valn0201 trap40: another version", "valn0201", () => ({
    fields: (kp) => ({ ...kp, version: 2 }),
  })),
  violated("valn0201 trap40: another version and cipher suite", "valn0201", () => ({
    fields: (kp) => ({ ...kp, version: 2, cipherSuite: 3 }),
  })),
  badSignature("valn0203: one bit of the signature", "valn0203", () => ({
    after: (kp) => ({ ...kp, signature: flip(kp.signature) }),
  })),
  badSignature("valn0203: signed by another key", "valn0203", async () => ({ signer: await stranger() })),
  badSignature("valn0203: another init_key after signing", "valn0203", () => ({
    after: (kp) => ({ ...kp, initKey: flip(kp.initKey, 3) }),
  })),
  badSignature("valn0203 rfc12: signed as a LeafNodeTBS", "valn0203", () => ({ label: "LeafNodeTBS" })),
  violated("valn0204: init_key is the leaf's encryption_key", "valn0204", () => ({
    fields: (kp) => ({ ...kp, initKey: kp.leafNode.encryptionKey }),
  })),
  ...[2, 3, 4, 5].map((type) =>
    violated(`valn1601: extension type ${type} in the leaf`, "valn1601", () => ({
      leaf: (leaf) => ({ ...leaf, extensions: [ext(type)] }),
    })),
  ),
  ...[1, 2, 3, 4, 5].map((type) =>
    violated(`valn1604: extension type ${type} in the KeyPackage`, "valn1604", () => ({
      fields: (kp) => ({ ...kp, extensions: [ext(type)] }),
    })),
  ),
  ...[0, 31, 33].map((length): Case => ({
    name: `rfc08: init_key of ${length} bytes`,
    rule: "rfc08",
    code: "ERR_MLS_INVALID_KEY",
    defects: () => ({ fields: (kp) => ({ ...kp, initKey: new Uint8Array(length).fill(7) }) }),
  })),
  ...[0, 31, 33].map((length) =>
    violated(`rfc08: encryption_key of ${length} bytes`, "rfc08", () => ({
      leaf: (leaf) => ({ ...leaf, encryptionKey: new Uint8Array(length).fill(7) }),
    })),
  ),
  violated("rfc10: signature key of P-256", "rfc10", () => ({
    leaf: (leaf) => ({ ...leaf, signatureKey: new Uint8Array(65).fill(4) }),
  })),
  violated("rfc38: mls10 not listed", "rfc38", lists({ versions: [2] })),
  violated("rfc38: own cipher suite not listed", "rfc38", lists({ cipherSuites: [2, 3] })),
  violated("rfc38: nothing listed", "rfc38", lists({ versions: [], cipherSuites: [] })),
  violated("rfc40: lifetime the wrong way round", "rfc40", () => ({
    leaf: (leaf) => ({ ...leaf, leafNodeSource: 1, lifetime: { notBefore: 2n, notAfter: 1n } }),
  })),
  violated("rfc54: one key for encryption and signatures", "rfc54", () => ({
    leaf: (leaf) => ({ ...leaf, encryptionKey: leaf.signatureKey }),
  })),
];

describe("a KeyPackage with one defect (valn0202, valn0501)", () => {
  const world = sharedWorld();

  it.each(CASES)("$name", async ({ defects, code, rule, inGroup }) => {
    const { alice, bob, mallory } = await world();
    const dave = await newcomer("dave");
    const fields = await forgeKeyPackage(dave, await defects(dave));
    if (inGroup !== true) {
      // looked at by itself
      const received = KeyPackageIn.decode(encode(keyPackageStruct, fields));
      const unknownSuite = fields.cipherSuite === 1 ? mlsError(code, rule) : mlsError(code);
      await expect(received.validate(alice.provider)).rejects.toThrow(unknownSuite);
    }
    // used by ourselves, however it got past the first look
    const taken = verifiedKeyPackage(await crypto.cipherSuite(1), fields);
    await expectUnable(alice, async () => alice.group.addMembers(alice.signer, [taken]), code, rule);
    await expectUnable(
      alice,
      async () => alice.group.propose(alice.signer, proposals.add(taken)),
      code,
      rule,
    );
    // used by somebody else: Add by itself, and in a commit
    const state = await insideOf(mallory);
    const add = { proposalType: ProposalType.add, keyPackage: fields };
    await expectLeftOut(await world(), mallory, add, code, rule);
    const commit = await forgeCommit(state, mallory.signer, { proposals: [add] });
    await expectRefused(await world(), commit.message, code, rule, bob);
  });

  it("valn0205 rfc06: in an MLSMessage of another version", async () => {
    const fields = await forgeKeyPackage(await newcomer("dave"), { fields: (kp) => ({ ...kp, version: 2 }) });
    const message = encodeMlsMessage({ wireFormat: WireFormat.mlsKeyPackage, keyPackage: fields });
    expect(() => KeyPackageIn.fromMessage(message)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn0205"));
    message[1] = 2;
    expect(() => KeyPackageIn.fromMessage(message)).toThrow(mlsError("ERR_MLS_UNSUPPORTED_VERSION", "rfc06"));
  });

  it("rfc39 rfc72 rfc37 rfc118: unknown, GREASE and default types in lists and listed extensions are fine", async () => {
    const { bob, mallory } = await newWorld();
    const dave = await newcomer("dave");
    const fields = await forgeKeyPackage(dave, {
      leaf: (leaf) => ({
        ...leaf,
        capabilities: {
          versions: [0x0a0a, 1, 1],
          cipherSuites: [0x7a7a, 1],
          extensions: [0xf00f, 0xf001, 0x2a2a, 0x5a5a, 1, 3],
          proposals: [0xbaba, 3],
          credentials: [0xf0f0, 1],
        },
        extensions: [ext(0xf001), ext(0x2a2a)],
      }),
      fields: (kp) => ({ ...kp, extensions: [ext(0xf001), ext(0x5a5a)] }),
    });
    const add = { proposalType: ProposalType.add, keyPackage: fields };
    const { message } = await forgeProposal(await insideOf(mallory), mallory.signer, add);
    expect(await bob.group.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
  });
});
