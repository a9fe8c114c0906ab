import { x509Validator } from "@openmls-ts/credential-x509";
import { type CredentialSubject, equalBytes, hexToBytes, refusalOf } from "@openmls-ts/traits";
import { Failure } from "../failure.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import type { Attack, Target } from "../target.ts";

/** A self-signed authority, valid at the time of the attacks as all of them. */
const ROOT =
  "3081ef3081a2a003020102020101300506032b6570300f310d300b06035504031304526f6f74301e170d323730313033" +
  "3138313332305a170d3237303132363231343634305a300f310d300b06035504031304526f6f74302a300506032b6570" +
  "0321001f433026a8d634973a82b2ac62bca63a8352d45fa8bb2bb1a0770dfb0020d09ea3233021300f0603551d130101" +
  "ff040530030101ff300e0603551d0f0101ff040403020204300506032b6570034100241ce0d22edeca107bc1c0749fa4" +
  "fdeab35d8719856a13ff8d56aff67864d991e31bfb173eaf13be77bd94f69e1d13bedab9fc8154e69e0643d29b0cd78c" +
  "3e03";

/** An authority below it. */
const MIDDLE =
  "3081f43081a7a003020102020101300506032b6570300f310d300b06035504031304526f6f74301e170d323730313033" +
  "3138313332305a170d3237303132363231343634305a3011310f300d060355040313064d6964646c65302a300506032b" +
  "65700321004ddcdbd54fec3b319c9019dae2d2531249b6a4afe2f1a7fb13a615e4be46f931a326302430120603551d13" +
  "0101ff040830060101ff020100300e0603551d0f0101ff040403020204300506032b65700341006eda7c4a0a556aac14" +
  "f59c9da1d4119712da9ef2c58b53d248678396319e1f003ab27c3f88fa3d628f584fe54034eca3d60411717ae505f827" +
  "e52bf4397c8807";

/** A member whom that certifies. */
const ANN =
  "3081fb3081aea003020102020101300506032b65703011310f300d060355040313064d6964646c65301e170d32373031" +
  "30333138313332305a170d3237303132363231343634305a300e310c300a06035504031303416e6e302a300506032b65" +
  "70032100bcdf273c6874b2bd83d3687e1b8e01519113e78ed56cfaa2e58ba44d8228eb98a32e302c300e0603551d0f01" +
  "01ff040403020780301a0603551d1104133011810f616e6e406578616d706c652e6f7267300506032b6570034100dc42" +
  "91bd6fa39359c2127ab2f1eac86eb202b2a50e3d9bdc286f551ad5bfdc8bef14482ca6025c413617dd5170b7e885c318" +
  "0b4c431a4caa584bad362a7f540f";

/** Her public key (Ed25519). */
const KEY = "bcdf273c6874b2bd83d3687e1b8e01519113e78ed56cfaa2e58ba44d8228eb98";

/** Chains of certificates that were damaged: anybody sends such, and none but the genuine one may count. */
export const certificates: Target = {
  name: "certificates",
  length: 1000,
  open: async (random, checker): Promise<Attack> => {
    const chain = [ANN, MIDDLE, ROOT].map(hexToBytes);
    const validator = x509Validator({ anchors: [chain[2]!], identity: "email" });
    const subject: CredentialSubject = {
      credentialType: 2,
      identity: undefined,
      certificates: chain,
      encoded: new Uint8Array(),
      signaturePublicKey: hexToBytes(KEY),
      cipherSuite: 1,
      groupId: Uint8Array.of(1),
      purpose: "add",
      lifetime: undefined,
      now: 1_800_000_000n,
    };
    const genuine = await checker.must("judge a genuine chain", async () => validator.validate(subject));
    if (genuine !== true) throw new Failure("liveness", `a genuine chain: ${refusalOf(genuine) ?? ""}`);
    return async () => {
      const at = random.int(chain.length);
      const damaged = mutateBytes(random, chain[at]!, chain);
      checker.input = damaged;
      const next = chain.map((der, i) => (i === at ? damaged : der));
      const verdict = await checker.must("judge", async () =>
        validator.validate({ ...subject, certificates: next }),
      );
      if (refusalOf(verdict) === undefined && !chain.some((der) => equalBytes(der, damaged))) {
        throw new Failure("forgery", "a damaged certificate was believed");
      }
      return false;
    };
  },
};
