import type { CipherSuiteId } from "@openmls-ts/traits";
import { utf8 } from "@openmls-ts/traits";

/** Answers of one suite, in hexadecimal, to {@link INPUTS}. */
export interface KnownAnswers {
  readonly suite: CipherSuiteId;
  readonly hashOfNothing: string;
  /** Of `message`. */
  readonly hash: string;
  /** Of `message` under `key`. */
  readonly hmac: string;
  readonly hmacLongKey: string;
  /** Of nothing under the empty key. */
  readonly hmacOfNothing: string;
  /** From `salt` and `message`. */
  readonly extract: string;
  /** 100 bytes from `extract` and `info`. */
  readonly expand: string;
  /** 16 bytes from the first 5 bytes of `key` and `info`. */
  readonly expandShortKey: string;
  /** `message` under a key of ones and a nonce of twos with `info` as associated data. */
  readonly aead: string;
  /** DeriveKeyPair(`message`). */
  readonly hpkePrivateKey: string;
  readonly hpkePublicKey: string;
  readonly hpkeKemOutput: string;
  /** `message` sealed with `info`, and `salt` as associated data. */
  readonly hpkeCiphertext: string;
  /** 48 bytes with `salt` as exporter context, for the same encapsulated key. */
  readonly hpkeExport: string;
  readonly signaturePrivateKey: string;
  readonly signaturePublicKey: string;
  /** Of `message`. */
  readonly signature: string;
  /** The same with n - s (ECDSA, good) or with s + order (EdDSA, not reduced, bad) in place of s. */
  readonly signatureTwin: string;
  /** ECDSA: r and s in fixed width without DER. Empty for EdDSA. */
  readonly signatureRaw: string;
}

function counting(length: number, start: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (start + i) & 0xff);
}

/** What the known answers answer: fresh bytes at every look, because a faulty provider may change them. */
export const INPUTS: Readonly<Record<"message" | "key" | "longKey" | "salt" | "info", Uint8Array>> = {
  get message(): Uint8Array {
    return utf8("Conformance of a CryptoProvider");
  },
  get key(): Uint8Array {
    return counting(64, 0x10);
  },
  get longKey(): Uint8Array {
    return counting(200, 0);
  },
  get salt(): Uint8Array {
    return utf8("salt");
  },
  get info(): Uint8Array {
    return utf8("some info");
  },
};

// Computed with the noble libraries and confirmed by OpenSSL, which gives the same answers.
/** One entry a suite. */
export const KNOWN_ANSWERS: readonly KnownAnswers[] = [
  {
    suite: 1,
    hashOfNothing: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    hash: "b27ec4385578f524eab762ba86ad858d1b99c6c4953032447fc8ae28c38ce953",
    hmac: "115e9d91b0e3dabdef65a34e23f0205a08691fd5a592ee3a813d7460ee69fd20",
    hmacLongKey: "db4b44b866b8afd8064d30478cab34123e347daedcb23644f4c72c262f51e375",
    hmacOfNothing: "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
    extract: "40055de009477b73a2386f8f5fc6e160cb978d8aa3fa3076533bfd4efa99b090",
    expand:
      "00e7be4b2759209edb851e4e12f8e12641606b37b587385cf13c73c9b355fe2533b937156a014b2f85b03aa5f750349f" +
      "7ee865fb1540faaee5eec09d5c04852611b017f6b3fcff437b5a3776b294f9d66232ee4f1f439ac18ff6b21149507684" +
      "7a229ae3",
    expandShortKey: "4c392e59dbb2ccfadeeff65c08a32f1b",
    aead: "108b7e05a95c2b1df9836b14dd875a3a7b0e3b4420861f4aba0d775ee9e9ff67d6e6fc050e94ccc79039e8a5773ed1",
    hpkePrivateKey: "5e67f2ae36895d445afe9c0a5439ee2492770f138221a28a150666a76d80a83b",
    hpkePublicKey: "17d3b45792e5c5f95d05c947de95dc282e2ee1f8abff6b386be39841d032db24",
    hpkeKemOutput: "1773ecb33cbc7146946ca146f5d4a902bccfb176377ceef3df3740032e55d062",
    hpkeCiphertext:
      "034f7084f38f202e97cda830fb30027410a420783d812c27bb5a97991d9c6128b8539711f83387ab4976a94862406f",
    hpkeExport:
      "c341e1fee38f18810ef93211d4bcc330acc20a95815f325f7b4662d443365f9861fbf76a5e17eaf0817c681ae0d0684d",
    signaturePrivateKey: "2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40",
    signaturePublicKey: "e7f162a10bec559afea195e4dce84b69568d5d2cb0963eb446c0685e2b17f2f0",
    signature:
      "f896c730a11f1a78c1b412e0722a90a4a6d1acd76c1a1d1c39d193eb2408939f80b62ade05f652e184de94b4ede6148e" +
      "d6338d02128f36827a085f1f62f2c30a",
    signatureTwin:
      "f896c730a11f1a78c1b412e0722a90a4a6d1acd76c1a1d1c39d193eb2408939f6d8a203b205965395b7b8c57cce0f3a2" +
      "d6338d02128f36827a085f1f62f2c31a",
    signatureRaw: "",
  },
  {
    suite: 2,
    hashOfNothing: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    hash: "b27ec4385578f524eab762ba86ad858d1b99c6c4953032447fc8ae28c38ce953",
    hmac: "115e9d91b0e3dabdef65a34e23f0205a08691fd5a592ee3a813d7460ee69fd20",
    hmacLongKey: "db4b44b866b8afd8064d30478cab34123e347daedcb23644f4c72c262f51e375",
    hmacOfNothing: "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
    extract: "40055de009477b73a2386f8f5fc6e160cb978d8aa3fa3076533bfd4efa99b090",
    expand:
      "00e7be4b2759209edb851e4e12f8e12641606b37b587385cf13c73c9b355fe2533b937156a014b2f85b03aa5f750349f" +
      "7ee865fb1540faaee5eec09d5c04852611b017f6b3fcff437b5a3776b294f9d66232ee4f1f439ac18ff6b21149507684" +
      "7a229ae3",
    expandShortKey: "4c392e59dbb2ccfadeeff65c08a32f1b",
    aead: "108b7e05a95c2b1df9836b14dd875a3a7b0e3b4420861f4aba0d775ee9e9ff67d6e6fc050e94ccc79039e8a5773ed1",
    hpkePrivateKey: "31b44f151d7daed47709e10d342e0173c461c97f472e261ec831d3ff8bf8a144",
    hpkePublicKey:
      "04352d12860e8af65b771be7481fadfdc843e5b96a93941315f9643c8af7274be86b39a29cdebcb7b83320d9de5da24e" +
      "e5833b8f16a0de740d46b4901853fb7127",
    hpkeKemOutput:
      "04778cccb250892517e45b0639011235d570bea3ec672d91fcb1c71ff4896715a525ea75fe8082f08ed75f700c4e183a" +
      "e868c6f6bfb5503fc3506b12c4da16fdb8",
    hpkeCiphertext:
      "3e3e6cf653646f0ba3f03dbaf00c3e316000f29b069494947e430614d2dd1a8d448ef179235f80d782adacb1bc34ca",
    hpkeExport:
      "0b18bcd7f00219b6644a3941363e8631466b23b8b992d3b24176868e25f559fbcf276ee00482be3de6b47218e6b7dc8e",
    signaturePrivateKey: "2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40",
    signaturePublicKey:
      "041f140146bfb1b251f84f4ddbe0d4cdcfd77afd984a9520e35794021f8312bb9eec995a08b1fa7704df3dcc0b50a966" +
      "5263fb7711f95f9f8a449c5096e47c892b",
    signature:
      "304502201d819b2d728a3ec5222b89432d83fab36bba803ca7a7783df66c64a276989778022100cb28235c733b0ed9a3" +
      "0f37d04db7d1f02eeea7b86f9100f4d3f71d2bae2eeeeb",
    signatureTwin:
      "304402201d819b2d728a3ec5222b89432d83fab36bba803ca7a7783df66c64a276989778022034d7dca28cc4f1275cf0" +
      "c82fb2482e0f8df852f537869d901fc2ad974e343666",
    signatureRaw:
      "1d819b2d728a3ec5222b89432d83fab36bba803ca7a7783df66c64a276989778cb28235c733b0ed9a30f37d04db7d1f0" +
      "2eeea7b86f9100f4d3f71d2bae2eeeeb",
  },
  {
    suite: 3,
    hashOfNothing: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    hash: "b27ec4385578f524eab762ba86ad858d1b99c6c4953032447fc8ae28c38ce953",
    hmac: "115e9d91b0e3dabdef65a34e23f0205a08691fd5a592ee3a813d7460ee69fd20",
    hmacLongKey: "db4b44b866b8afd8064d30478cab34123e347daedcb23644f4c72c262f51e375",
    hmacOfNothing: "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
    extract: "40055de009477b73a2386f8f5fc6e160cb978d8aa3fa3076533bfd4efa99b090",
    expand:
      "00e7be4b2759209edb851e4e12f8e12641606b37b587385cf13c73c9b355fe2533b937156a014b2f85b03aa5f750349f" +
      "7ee865fb1540faaee5eec09d5c04852611b017f6b3fcff437b5a3776b294f9d66232ee4f1f439ac18ff6b21149507684" +
      "7a229ae3",
    expandShortKey: "4c392e59dbb2ccfadeeff65c08a32f1b",
    aead: "a5739c48e2d185bb1f4e8cd9bcedc448acf01e74f3de128366eb6dd491f336e2180e47ab294afa458f9b9d5fe9ad6c",
    hpkePrivateKey: "5e67f2ae36895d445afe9c0a5439ee2492770f138221a28a150666a76d80a83b",
    hpkePublicKey: "17d3b45792e5c5f95d05c947de95dc282e2ee1f8abff6b386be39841d032db24",
    hpkeKemOutput: "1773ecb33cbc7146946ca146f5d4a902bccfb176377ceef3df3740032e55d062",
    hpkeCiphertext:
      "f0717b6529f0ed95abb6ca3673867669826711b105dc17cf5acf60876d21ca1262a839a8207d894ae358818029e483",
    hpkeExport:
      "a7162137a5bdbffda03c298a7a158969e39364fada0c248ab5a0de6056246ca84870eadc802e316768b7ba0637e38c96",
    signaturePrivateKey: "2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40",
    signaturePublicKey: "e7f162a10bec559afea195e4dce84b69568d5d2cb0963eb446c0685e2b17f2f0",
    signature:
      "f896c730a11f1a78c1b412e0722a90a4a6d1acd76c1a1d1c39d193eb2408939f80b62ade05f652e184de94b4ede6148e" +
      "d6338d02128f36827a085f1f62f2c30a",
    signatureTwin:
      "f896c730a11f1a78c1b412e0722a90a4a6d1acd76c1a1d1c39d193eb2408939f6d8a203b205965395b7b8c57cce0f3a2" +
      "d6338d02128f36827a085f1f62f2c31a",
    signatureRaw: "",
  },
  {
    suite: 4,
    hashOfNothing:
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f" +
      "63b931bd47417a81a538327af927da3e",
    hash:
      "9c45858ef474da9237a8d9e5942c8d4f60da17a23b0ff3e195bc76cb81082177dd32202ef5df3dfc9c0dccf66c49bb3e" +
      "2d8897763fd9a2bf9ef7d6da7e49c5c1",
    hmac:
      "9430a13c3b54cc6d589ed3f37320cbc602f006639d3ab2d0d2f92592829b6fb3499c35c364837dd1f4b611c38d1cfe92" +
      "47f499d0033185373d55beb44d7a1584",
    hmacLongKey:
      "c8f5629d7307e3d1d0a26e2bd283f40285c3edefd00eb0d3b32f10f35418c5b296d60a53b11bc872c3fdf366fc959a20" +
      "a2a6dac9497a298310c72765c5e9d6f7",
    hmacOfNothing:
      "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac6730c6c515421b327ec1d69402e53dfb49a" +
      "d7381eb067b338fd7b0cb22247225d47",
    extract:
      "7c19518865f15d6d2b2f528c081d5c41203bcc3e877b14afc17c958e4e3be98f47b9f3578db3b1af9bd94522fe2bd2d6" +
      "346df221cffa66e82811c5dd02657546",
    expand:
      "7382536c4f0ba103e626e53374e305d5f72d520e45496eed8635ff89066bb9afbe2dc893c037ad1ad31a71eeb0649e45" +
      "5244eb1287863aac6355f039cbbe97d99645a69150b91bba56438b9da02c6f245ace39b1ba677b3492ada28ce3bdb3d4" +
      "8ba8ea96",
    expandShortKey: "85abbb960ea447345cb50fc004d2424d",
    aead: "44b9a72f2525ac9cbdafd9e833c1e2d382f6a3969bc5e221afe896921c9e06331ee1904f2ddadf15c5f8945c4495e1",
    hpkePrivateKey:
      "ae1604778fb87a0ac367beaad3cd3b9e082b5f9e4e850e99805cb351d14204a24e560d709fe84741f9240211c3555b0e" +
      "f602de7f2a76ebed",
    hpkePublicKey:
      "be112da3c35d852fdbfd841a0a34b21e5d5ebbcc7a1839d1edea082a7a101c5b041969bdc9cef4b6d745312fa1477455" +
      "1cd28a397f47c8aa",
    hpkeKemOutput:
      "f3be29416e456e6a9b805a263d8f1be13a227b4840145316005217fea2debb9ffa21b79da07809f5c4df67d67acaf250" +
      "e4ccab017d6fec05",
    hpkeCiphertext:
      "e03777937567e3e811c511f72d96405f90745afe4d6ec1a0499bc5fc2388a809cf7e53cd11233f0563d4fc879f6158",
    hpkeExport:
      "f9af06910d3adc1d9e6b5aa246eca0b57ff3358f974b786a6429f5e40a6e452d7f57bf03b37cfe6aaebf0358d0717349",
    signaturePrivateKey:
      "2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f50" +
      "515253545556575859",
    signaturePublicKey:
      "d17fef163f6b72f15e4bfe254f97f83eba37dc930fc1dc63d01eabe4f37bc180e01f739b63f4d578fd44474ce690d431" +
      "729ef9d2a7d5715500",
    signature:
      "967cc0e710559411976d604f5849f86c3fe3623996e15fc1cbc95154e55448d66f8697221ef3f8a12c59e665e5b7444d" +
      "cf18ed993e1000a9000c8a079cb29a8b6a829708fecbcf01b12ab66af22832b1f55efe343754bde01de8d2d71308a2af" +
      "5f8109de304b5de57370372bc172cc182900",
    signatureTwin:
      "967cc0e710559411976d604f5849f86c3fe3623996e15fc1cbc95154e55448d66f8697221ef3f8a12c59e665e5b7444d" +
      "cf18ed993e1000a900ffce5f47455d048ed726ce8b3e926ed2baec40a1720d00ba4822ffb353bde01de8d2d71308a2af" +
      "5f8109de304b5de57370372bc172cc186900",
    signatureRaw: "",
  },
  {
    suite: 5,
    hashOfNothing:
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f" +
      "63b931bd47417a81a538327af927da3e",
    hash:
      "9c45858ef474da9237a8d9e5942c8d4f60da17a23b0ff3e195bc76cb81082177dd32202ef5df3dfc9c0dccf66c49bb3e" +
      "2d8897763fd9a2bf9ef7d6da7e49c5c1",
    hmac:
      "9430a13c3b54cc6d589ed3f37320cbc602f006639d3ab2d0d2f92592829b6fb3499c35c364837dd1f4b611c38d1cfe92" +
      "47f499d0033185373d55beb44d7a1584",
    hmacLongKey:
      "c8f5629d7307e3d1d0a26e2bd283f40285c3edefd00eb0d3b32f10f35418c5b296d60a53b11bc872c3fdf366fc959a20" +
      "a2a6dac9497a298310c72765c5e9d6f7",
    hmacOfNothing:
      "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac6730c6c515421b327ec1d69402e53dfb49a" +
      "d7381eb067b338fd7b0cb22247225d47",
    extract:
      "7c19518865f15d6d2b2f528c081d5c41203bcc3e877b14afc17c958e4e3be98f47b9f3578db3b1af9bd94522fe2bd2d6" +
      "346df221cffa66e82811c5dd02657546",
    expand:
      "7382536c4f0ba103e626e53374e305d5f72d520e45496eed8635ff89066bb9afbe2dc893c037ad1ad31a71eeb0649e45" +
      "5244eb1287863aac6355f039cbbe97d99645a69150b91bba56438b9da02c6f245ace39b1ba677b3492ada28ce3bdb3d4" +
      "8ba8ea96",
    expandShortKey: "85abbb960ea447345cb50fc004d2424d",
    aead: "44b9a72f2525ac9cbdafd9e833c1e2d382f6a3969bc5e221afe896921c9e06331ee1904f2ddadf15c5f8945c4495e1",
    hpkePrivateKey:
      "015b354d86c55112eebcb6839aef7036ab4ee3e4bae054cdb36a4599a01b1911f09a661c90236a4b1b489eb15417dc7a" +
      "da43ad6caa3998670963009cbf0b9ac6abe1",
    hpkePublicKey:
      "0400d3291fb84a119ee4d86e5264d395a0ff75acdf49cbb2648c2b516a57097056d1fb5330b2ba642aa37106e902af73" +
      "c16b3f797bb9389f4959254ca903da4885a91e007e2ba00a3a3c17705daf5f9dbb55ef2c4ef08ac607def92979b74cbc" +
      "e59db17f9ed2aa8cf03f5a979fbc2a25bb8863a4f11d69a6ec271e9a8aa864ab95b9643736",
    hpkeKemOutput:
      "04018045f1e012017e74e844d4816455e8b7a5e1f75124adde40dc81815e90ab79bbb5599ffc7dbce1d37af2abc6d312" +
      "3242091b58bfa9542cb92c659f54470bf833a800be212e3aae0c57e0b229b5f2c7e853cca434ea19ec2b6e23001e3b6b" +
      "d70c0c850c24679265aa4c5a842e7d301b9cbdc43169e148fad33272bc91c2f15d42a48c92",
    hpkeCiphertext:
      "06dad1c81116740c27e3033fbc52516cf4dc0056f31d3a5625e695bb9b60147864409ea708dbcaa01abeb6e58e8100",
    hpkeExport:
      "857f92383346d255563f38caf437555fbf7ff88095d51e1d9b4e3188a5b8f0b4847322af189181e96e7d493b1324c653",
    signaturePrivateKey:
      "0022232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f50" +
      "5152535455565758595a5b5c5d5e5f606162",
    signaturePublicKey:
      "04019216749ba27b8986030715a48c870fdab52b86e0a493f161bee17be2041b5149c28b53bb8e7273e38ef13b6ab931" +
      "2ceef3f824c72d16fc6fbd2238aa7b98f24b2c0191fffff3b087e27a38160c9d80a2fe2b9721d393eb2d6cd59ae6f111" +
      "68a312eacba8d1e7a2a4cd880ff3ac7e3fd6085ec458fc7f5f9d54cf574c2769e229c8173a",
    signature:
      "308188024201cafab02c16559b5708f11454646a05003c17bd5b719fd580af49e599989da7cb61637ce92627169f8018" +
      "2c3cf9890bf30ed2d3ae1622b79484513b80ec631f731d02420153a4454b9e7b2379ee1cae6c31f9c34843544c01edf2" +
      "496b12a2aa59ddb62de46ab86dffda081062f5fae76eb485006a10e1d7da9f7ad76332a61c351d56974923",
    signatureTwin:
      "308188024201cafab02c16559b5708f11454646a05003c17bd5b719fd580af49e599989da7cb61637ce92627169f8018" +
      "2c3cf9890bf30ed2d3ae1622b79484513b80ec631f731d024200ac5bbab46184dc8611e35193ce063cb7bcabb3fe120d" +
      "b694ed5d55a62249d21b8f991887a9b71f337584e4929472093bbf59ddef190ec4e47c155382013aa11ae6",
    signatureRaw:
      "01cafab02c16559b5708f11454646a05003c17bd5b719fd580af49e599989da7cb61637ce92627169f80182c3cf9890b" +
      "f30ed2d3ae1622b79484513b80ec631f731d0153a4454b9e7b2379ee1cae6c31f9c34843544c01edf2496b12a2aa59dd" +
      "b62de46ab86dffda081062f5fae76eb485006a10e1d7da9f7ad76332a61c351d56974923",
  },
  {
    suite: 6,
    hashOfNothing:
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f" +
      "63b931bd47417a81a538327af927da3e",
    hash:
      "9c45858ef474da9237a8d9e5942c8d4f60da17a23b0ff3e195bc76cb81082177dd32202ef5df3dfc9c0dccf66c49bb3e" +
      "2d8897763fd9a2bf9ef7d6da7e49c5c1",
    hmac:
      "9430a13c3b54cc6d589ed3f37320cbc602f006639d3ab2d0d2f92592829b6fb3499c35c364837dd1f4b611c38d1cfe92" +
      "47f499d0033185373d55beb44d7a1584",
    hmacLongKey:
      "c8f5629d7307e3d1d0a26e2bd283f40285c3edefd00eb0d3b32f10f35418c5b296d60a53b11bc872c3fdf366fc959a20" +
      "a2a6dac9497a298310c72765c5e9d6f7",
    hmacOfNothing:
      "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac6730c6c515421b327ec1d69402e53dfb49a" +
      "d7381eb067b338fd7b0cb22247225d47",
    extract:
      "7c19518865f15d6d2b2f528c081d5c41203bcc3e877b14afc17c958e4e3be98f47b9f3578db3b1af9bd94522fe2bd2d6" +
      "346df221cffa66e82811c5dd02657546",
    expand:
      "7382536c4f0ba103e626e53374e305d5f72d520e45496eed8635ff89066bb9afbe2dc893c037ad1ad31a71eeb0649e45" +
      "5244eb1287863aac6355f039cbbe97d99645a69150b91bba56438b9da02c6f245ace39b1ba677b3492ada28ce3bdb3d4" +
      "8ba8ea96",
    expandShortKey: "85abbb960ea447345cb50fc004d2424d",
    aead: "a5739c48e2d185bb1f4e8cd9bcedc448acf01e74f3de128366eb6dd491f336e2180e47ab294afa458f9b9d5fe9ad6c",
    hpkePrivateKey:
      "ae1604778fb87a0ac367beaad3cd3b9e082b5f9e4e850e99805cb351d14204a24e560d709fe84741f9240211c3555b0e" +
      "f602de7f2a76ebed",
    hpkePublicKey:
      "be112da3c35d852fdbfd841a0a34b21e5d5ebbcc7a1839d1edea082a7a101c5b041969bdc9cef4b6d745312fa1477455" +
      "1cd28a397f47c8aa",
    hpkeKemOutput:
      "f3be29416e456e6a9b805a263d8f1be13a227b4840145316005217fea2debb9ffa21b79da07809f5c4df67d67acaf250" +
      "e4ccab017d6fec05",
    hpkeCiphertext:
      "a93bf92cd54c790fc059ad116155116e321ee8e10bf7ec7c96b7ea5258b27cfa4d1ace5c5275b66a2a1eb1853e2434",
    hpkeExport:
      "84fdeab7a2cbec6de36a6541ca8d18554deeffd9d1a96c5a585e0f9c0487b98720a3306571889560b2c907d2393f3090",
    signaturePrivateKey:
      "2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f50" +
      "515253545556575859",
    signaturePublicKey:
      "d17fef163f6b72f15e4bfe254f97f83eba37dc930fc1dc63d01eabe4f37bc180e01f739b63f4d578fd44474ce690d431" +
      "729ef9d2a7d5715500",
    signature:
      "967cc0e710559411976d604f5849f86c3fe3623996e15fc1cbc95154e55448d66f8697221ef3f8a12c59e665e5b7444d" +
      "cf18ed993e1000a9000c8a079cb29a8b6a829708fecbcf01b12ab66af22832b1f55efe343754bde01de8d2d71308a2af" +
      "5f8109de304b5de57370372bc172cc182900",
    signatureTwin:
      "967cc0e710559411976d604f5849f86c3fe3623996e15fc1cbc95154e55448d66f8697221ef3f8a12c59e665e5b7444d" +
      "cf18ed993e1000a900ffce5f47455d048ed726ce8b3e926ed2baec40a1720d00ba4822ffb353bde01de8d2d71308a2af" +
      "5f8109de304b5de57370372bc172cc186900",
    signatureRaw: "",
  },
  {
    suite: 7,
    hashOfNothing:
      "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
    hash: "6b81093d6f361a28301a4a42aa9378b1f4e81a7b904eda6fdce0b7ff09a73344cdb685d82dd950171dd18167ffd96e76",
    hmac: "b7f7c8191958c6ee0dfffcc362f19d4b9def0b4f84091f6d7661350b9809d79f3f582e9a3a4052e9f71670549f9ce685",
    hmacLongKey:
      "6e8c2fd0b847ecae758b730739950683299e674a422c184ecd253b176ce73f6e0f15326890cec2206fc1650b9c28124d",
    hmacOfNothing:
      "6c1f2ee938fad2e24bd91298474382ca218c75db3d83e114b3d4367776d14d3551289e75e8209cd4b792302840234adc",
    extract:
      "892f1870cf0d735aac1027ba9d37f58578dba384b7577b1754c8efe1e429e3601199b9cc21c8b6dd807364d8c01a9fe5",
    expand:
      "a622ddcfd8b897b3a8a283f2ad27792d5a8a567818d2acec560faed9e1f8f7f80ba92b3a11e3abb9b6349a528db061d4" +
      "a8bcf1287aacbb520458ea0e6049fe1bfa916eda779a778d505fbd425326711a00457cfe05f290caf6facbbbc8daf7dd" +
      "77185b03",
    expandShortKey: "91c30bb6908f2e9334f38c1efa1189ee",
    aead: "44b9a72f2525ac9cbdafd9e833c1e2d382f6a3969bc5e221afe896921c9e06331ee1904f2ddadf15c5f8945c4495e1",
    hpkePrivateKey:
      "990bf51593c4da3f4e455bba9aba2d898541c8c6ebe1089b75ce07ede54ecf063dc2c7f5558933f05a810ab6432b800b",
    hpkePublicKey:
      "0487cefee0d8220ca2a32690b5323396ee7bfe7307de994d7948b2d30ee385c0a133de88750989578f0563926260947e" +
      "a5e4edb7c3b1c7bb2af5596d8deb2a77037fd0b7d4d056b15cf6bbe7b4816461461eaba6f691b442d904fb5873d12113" +
      "c5",
    hpkeKemOutput:
      "04c75800875ae0157c6a852114ddfa7724d2512ade3c82267dfb67faf500b652303c0480bb59b8d622c3122930c87dc9" +
      "3abb3fb77c6764bb6b655eb700a07dfb3bc6e1627c1692ad4201af5b5df89b23350f70e7b9d074eefec7b884795c6aff" +
      "a0",
    hpkeCiphertext:
      "43ca11bbc3160ab84bebbda862881322a6dfdc5946af537464661016a755b8d7db087ba2d44b7c5f81e829379bf15f",
    hpkeExport:
      "424564887bbf93255cbaa83d721cff564356a3eb2047517ddf6443b4968989810f1dce4f29a3918429df98c87e264df0",
    signaturePrivateKey:
      "2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f50",
    signaturePublicKey:
      "042232988089d1fcd142c3ae399cd06457f6d24113ecbe363f7d9d0c8d6021f3f52f0732db9fae932b56e28a3aba9ee5" +
      "fef19e7a0c0e4b4b17bc0091a68581c0a8f39a24c95d7c614f37b9e14c60080a95d7553dfeabca2103f0e846ac4348a7" +
      "13",
    signature:
      "306402302fb0e0533c5b5e3f8b5531580b01b49f16b31ef256bbfb33a0f58d310a0b0ba13b3a7fa74e555a30ef426df6" +
      "424f87fd02305851504d892a0690e208bf73a6b974d0eb520531aa3eba86e9aeb1e599a86a09089eff6d28eafef6fa8a" +
      "e73e5d878216",
    signatureTwin:
      "306502302fb0e0533c5b5e3f8b5531580b01b49f16b31ef256bbfb33a0f58d310a0b0ba13b3a7fa74e555a30ef426df6" +
      "424f87fd023100a7aeafb276d5f96f1df7408c59468b2f14adface55c14578ddb49b9c5a8ec3d64f7b0e451fc5a883f2" +
      "61322c6f3da75d",
    signatureRaw:
      "2fb0e0533c5b5e3f8b5531580b01b49f16b31ef256bbfb33a0f58d310a0b0ba13b3a7fa74e555a30ef426df6424f87fd" +
      "5851504d892a0690e208bf73a6b974d0eb520531aa3eba86e9aeb1e599a86a09089eff6d28eafef6fa8ae73e5d878216",
  },
];
