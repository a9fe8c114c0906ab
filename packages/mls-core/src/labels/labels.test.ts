import { hexToBytes, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { itPasses } from "../testing/vectors.ts";
import { altered, freshSigner, mlsError, privateKey, signerOf, SUITES, suiteOf } from "../testing/suites.ts";
import {
  decryptWithLabel,
  deriveSecret,
  deriveTreeSecret,
  encryptContext,
  expandWithLabel,
  makeKeyPackageRef,
  makeProposalRef,
  refHash,
  signChecked,
  signWithLabel,
  verifyWithLabel,
} from "./index.ts";

interface CryptoBasics {
  readonly cipher_suite: number;
  readonly ref_hash: { readonly label: string; readonly value: string; readonly out: string };
  readonly expand_with_label: {
    readonly secret: string;
    readonly label: string;
    readonly context: string;
    readonly length: number;
    readonly out: string;
  };
  readonly derive_secret: { readonly secret: string; readonly label: string; readonly out: string };
  readonly derive_tree_secret: {
    readonly secret: string;
    readonly label: string;
    readonly generation: number;
    readonly length: number;
    readonly out: string;
  };
  readonly sign_with_label: {
    readonly priv: string;
    readonly pub: string;
    readonly content: string;
    readonly label: string;
    readonly signature: string;
  };
  readonly encrypt_with_label: {
    readonly priv: string;
    readonly pub: string;
    readonly label: string;
    readonly context: string;
    readonly plaintext: string;
    readonly kem_output: string;
    readonly ciphertext: string;
  };
}

interface RefVector {
  readonly cipher_suite: number;
  readonly input: string;
  readonly output: string;
}

describe("labelled operations", () => {
  itPasses(["mls/crypto-basics.json"], async (vector: CryptoBasics) => {
    const suite = await suiteOf(vector.cipher_suite);

    const ref = vector.ref_hash;
    expect(refHash(suite, ref.label, hexToBytes(ref.value))).toEqual(hexToBytes(ref.out));

    const expand = vector.expand_with_label;
    const context = hexToBytes(expand.context);
    expect(expandWithLabel(suite, hexToBytes(expand.secret), expand.label, context, expand.length)).toEqual(
      hexToBytes(expand.out),
    );

    const derive = vector.derive_secret;
    expect(deriveSecret(suite, hexToBytes(derive.secret), derive.label)).toEqual(hexToBytes(derive.out));

    const tree = vector.derive_tree_secret;
    expect(
      deriveTreeSecret(suite, hexToBytes(tree.secret), tree.label, tree.generation, tree.length),
    ).toEqual(hexToBytes(tree.out));

    const sign = vector.sign_with_label;
    const [pub, content] = [hexToBytes(sign.pub), hexToBytes(sign.content)];
    await expect(verifyWithLabel(suite, pub, sign.label, content, hexToBytes(sign.signature))).resolves.toBe(
      true,
    );
    const signer = signerOf(suite, privateKey(sign.priv, suite.params.signature.privateKeyLength), pub);
    const signature = await signWithLabel(signer, sign.label, content);
    await expect(verifyWithLabel(suite, pub, sign.label, content, signature)).resolves.toBe(true);

    const { priv, label, kem_output, ciphertext, ...box } = vector.encrypt_with_label;
    const key = privateKey(priv, suite.params.kem.privateKeyLength);
    const info = hexToBytes(box.context);
    const plaintext = hexToBytes(box.plaintext);
    const given = { kemOutput: hexToBytes(kem_output), ciphertext: hexToBytes(ciphertext) };
    await expect(decryptWithLabel(suite, key, label, info, given)).resolves.toEqual(plaintext);
    const own = await encryptContext(suite, label, info)(hexToBytes(box.pub), plaintext);
    await expect(decryptWithLabel(suite, key, label, info, own)).resolves.toEqual(plaintext);
  });

  itPasses(["extra/mls-rs-proposal_ref.json"], async ({ cipher_suite, input, output }: RefVector) => {
    const suite = await suiteOf(cipher_suite);
    expect(makeProposalRef(suite, hexToBytes(input))).toEqual(hexToBytes(output));
  });

  itPasses(["extra/mls-rs-key_package_ref.json"], async ({ cipher_suite, input, output }: RefVector) => {
    const suite = await suiteOf(cipher_suite);
    expect(makeKeyPackageRef(suite, hexToBytes(input))).toEqual(hexToBytes(output));
  });

  it.each(SUITES)("a signature is bound to its label (rfc12), suite %i", async (id) => {
    const suite = await suiteOf(id);
    const signer = await freshSigner(suite);
    const signature = await signWithLabel(signer, "LeafNodeTBS", utf8("x"));
    await expect(verifyWithLabel(suite, signer.publicKey, "LeafNodeTBS", utf8("x"), signature)).resolves.toBe(
      true,
    );
    await expect(
      verifyWithLabel(suite, signer.publicKey, "KeyPackageTBS", utf8("x"), signature),
    ).resolves.toBe(false);
    const bare = await signer.sign(utf8("x"));
    await expect(verifyWithLabel(suite, signer.publicKey, "LeafNodeTBS", utf8("x"), bare)).resolves.toBe(
      false,
    );
  });

  it.each(SUITES)("a ciphertext is bound to its label and context (rfc13), suite %i", async (id) => {
    const suite = await suiteOf(id);
    const { privateKey: key, publicKey } = await suite.deriveKeyPair(suite.randomBytes(64));
    const sealed = await encryptContext(suite, "Welcome", utf8("context"))(publicKey, utf8("x"));
    await expect(decryptWithLabel(suite, key, "Welcome", utf8("context"), sealed)).resolves.toEqual(
      utf8("x"),
    );
    const failed = mlsError("ERR_MLS_DECRYPTION");
    await expect(decryptWithLabel(suite, key, "UpdatePathNode", utf8("context"), sealed)).rejects.toThrow(
      failed,
    );
    await expect(decryptWithLabel(suite, key, "Welcome", new Uint8Array(), sealed)).rejects.toThrow(failed);
  });

  it("takes a label as text or as bytes", async () => {
    const suite = await suiteOf(1);
    const secret = suite.randomBytes(32);
    expect(deriveSecret(suite, secret, utf8("tëxt"))).toEqual(deriveSecret(suite, secret, "tëxt"));
    const binary = Uint8Array.of(0, 0xff); // no text has these octets
    const info = Uint8Array.of(0, 32, 10, ...utf8("MLS 1.0 "), 0, 0xff, 0);
    expect(deriveSecret(suite, secret, binary)).toEqual(suite.hkdfExpand(secret, info, 32));
    const signer = await freshSigner(suite);
    const signature = await signWithLabel(signer, binary, utf8("x"));
    await expect(verifyWithLabel(suite, signer.publicKey, binary, utf8("x"), signature)).resolves.toBe(true);
    const { privateKey: key, publicKey } = await suite.deriveKeyPair(secret);
    const sealed = await encryptContext(suite, binary, secret)(publicKey, utf8("x"));
    await expect(decryptWithLabel(suite, key, binary, secret, sealed)).resolves.toEqual(utf8("x"));
  });

  it("only the literal true of a verification counts (trap58)", async () => {
    const suite = await suiteOf(1);
    for (const answer of [false, 1, "true", undefined, {}]) {
      const lying = altered(suite, { verify: async () => answer as boolean });
      await expect(
        verifyWithLabel(lying, new Uint8Array(32), "x", utf8("x"), new Uint8Array(64)),
      ).resolves.toBe(false);
    }
  });

  it("reports a signer that throws or returns no bytes", async () => {
    const publicKey = new Uint8Array(32);
    const broken = { publicKey, sign: async () => Promise.reject(new Error("device unplugged")) };
    await expect(signWithLabel(broken, "x", utf8("x"))).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    const empty = { publicKey, sign: async () => undefined as unknown as Uint8Array };
    await expect(signWithLabel(empty, "x", utf8("x"))).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it.each(SUITES)("hands out only signatures that verify, suite %i", async (id) => {
    const suite = await suiteOf(id);
    const signer = await freshSigner(suite);
    const signature = await signChecked(suite, signer, "LeafNodeTBS", utf8("x"));
    await expect(verifyWithLabel(suite, signer.publicKey, "LeafNodeTBS", utf8("x"), signature)).resolves.toBe(
      true,
    );
    const refused = mlsError("ERR_MLS_USAGE");
    const other = await freshSigner(suite);
    const long = new Uint8Array(suite.params.signature.maxSignatureLength + 1);
    for (const returned of [
      new Uint8Array(),
      long,
      signature.subarray(1),
      signature.map((byte) => byte ^ 1),
    ]) {
      const broken = { publicKey: signer.publicKey, sign: async () => returned };
      await expect(signChecked(suite, broken, "x", utf8("x"))).rejects.toThrow(refused);
    }
    const crossed = { publicKey: other.publicKey, sign: async (message: Uint8Array) => signer.sign(message) };
    await expect(signChecked(suite, crossed, "x", utf8("x"))).rejects.toThrow(refused);
    const never = altered(suite, { verify: async () => false });
    await expect(signChecked(never, signer, "x", utf8("x"))).rejects.toThrow(refused);
  });

  it("writes two-byte lengths as two bytes, or refuses (trap35)", async () => {
    const suite = await suiteOf(5);
    const secret = suite.randomBytes(64);
    const whole = expandWithLabel(suite, secret, "x", new Uint8Array(), 300);
    expect(whole).toHaveLength(300);
    // KDFLabel by hand: uint16 length, label with its prefix, empty context
    const info = Uint8Array.of(0x01, 0x2c, 9, ...utf8("MLS 1.0 x"), 0);
    expect(whole).toEqual(suite.hkdfExpand(secret, info, 300));
    expect(() => expandWithLabel(suite, secret, "x", new Uint8Array(), 65536)).toThrow(
      mlsError("ERR_MLS_ENCODE"),
    );
  });
});
