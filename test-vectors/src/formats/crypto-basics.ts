import {
  decryptWithLabel,
  deriveSecret,
  deriveTreeSecret,
  encryptContext,
  expandWithLabel,
  refHash,
  signWithLabel,
  verifyWithLabel,
} from "../../../packages/mls-core/src/labels/index.ts";
import { hex, holds, hpkePrivateKey, sameBytes, signaturePrivateKey } from "../check.ts";
import type { CaseContext, VectorFormat } from "../format.ts";

interface CryptoBasics {
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

/** The labelled functions of RFC 9420 §5 and §8. */
export const cryptoBasics: VectorFormat<CryptoBasics> = {
  name: "crypto-basics",
  fileName: /crypto-basics/,
  keys: ["ref_hash", "expand_with_label", "derive_secret", "derive_tree_secret"],
  run: async (vector, context) => {
    derivations(vector, context);
    await signing(vector.sign_with_label, context);
    await encryption(vector.encrypt_with_label, context);
  },
};

function derivations(vector: CryptoBasics, { suite }: CaseContext): void {
  const {
    ref_hash: ref,
    expand_with_label: expand,
    derive_secret: derive,
    derive_tree_secret: tree,
  } = vector;
  sameBytes("ref_hash", refHash(suite, ref.label, hex(ref.value)), ref.out);
  sameBytes(
    "expand_with_label",
    expandWithLabel(suite, hex(expand.secret), expand.label, hex(expand.context), expand.length),
    expand.out,
  );
  sameBytes("derive_secret", deriveSecret(suite, hex(derive.secret), derive.label), derive.out);
  sameBytes(
    "derive_tree_secret",
    deriveTreeSecret(suite, hex(tree.secret), tree.label, tree.generation, tree.length),
    tree.out,
  );
}

async function signing(vector: CryptoBasics["sign_with_label"], { suite }: CaseContext): Promise<void> {
  const { label } = vector;
  const [publicKey, content] = [hex(vector.pub), hex(vector.content)];
  const verified = await verifyWithLabel(suite, publicKey, label, content, hex(vector.signature));
  holds("sign_with_label: the signature verifies", verified);
  const privateKey = signaturePrivateKey(suite, vector.priv);
  sameBytes("sign_with_label: pub of priv", await suite.signaturePublicKey(privateKey), publicKey);
  const signer = { publicKey, sign: async (message: Uint8Array) => suite.sign(privateKey, message) };
  const ours = await signWithLabel(signer, label, content);
  holds(
    "sign_with_label: our signature verifies",
    await verifyWithLabel(suite, publicKey, label, content, ours),
  );
}

async function encryption(vector: CryptoBasics["encrypt_with_label"], { suite }: CaseContext): Promise<void> {
  const { label } = vector;
  const [publicKey, context, plaintext] = [hex(vector.pub), hex(vector.context), hex(vector.plaintext)];
  const privateKey = hpkePrivateKey(suite, vector.priv);
  const theirs = { kemOutput: hex(vector.kem_output), ciphertext: hex(vector.ciphertext) };
  sameBytes(
    "encrypt_with_label",
    await decryptWithLabel(suite, privateKey, label, context, theirs),
    plaintext,
  );
  const ours = await encryptContext(suite, label, context)(publicKey, plaintext);
  sameBytes(
    "encrypt_with_label: ours",
    await decryptWithLabel(suite, privateKey, label, context, ours),
    plaintext,
  );
}
