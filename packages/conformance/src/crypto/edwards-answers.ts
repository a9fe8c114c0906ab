import type { SignatureParams } from "@openmls-ts/traits";

/** What EdDSA's verification must do at the edges that RFC 8032 and its implementations see differently. */
export interface EdwardsAnswers {
  /** Public keys to refuse: of small order, not reduced, or (y = 2) not on the curve. */
  readonly weakPublicKeys: readonly string[];
  /**
   * Signatures of the known message, crafted so that the equations of RFC 8032 with and without the cofactor may
   * disagree. All members of a group must decide alike, and the common native implementations verify Ed25519 without
   * the cofactor and Ed448 with it.
   */
  readonly torsion: readonly {
    readonly publicKey: string;
    readonly signature: string;
    readonly verifies: boolean;
  }[];
}

/** By signature scheme. */
export const EDWARDS_ANSWERS: Readonly<Partial<Record<SignatureParams["name"], EdwardsAnswers>>> = {
  Ed25519: {
    weakPublicKeys: [
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0000000000000000000000000000000000000000000000000000000000000080",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000080",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
      "0200000000000000000000000000000000000000000000000000000000000000",
    ],
    torsion: [
      {
        publicKey: "88aa55e6afeed8960a3191de78600347db8acd0a3795412f275f049b86260488",
        signature:
          "7b19ad6073d8c0e039997730ea549ce6a8fd3e8cfcb49cb93defece486686ed832a6c4ccc9afe4889e7d033a84b1169b" +
          "baf8a9b2702f3a479c0e4558fbe09305",
        verifies: false,
      },
      {
        publicKey: "6555aa1950112769f5ce6e21879ffcb8247532f5c86abed0d8a0fb6479d9fb77",
        signature:
          "72e6529f8c273f1fc66688cf15ab63195702c173034b6346c210131b799791272021e9f5eb9d0cb42e72f146cf4978ff" +
          "4b303f795f99937f9024714138ec3002",
        verifies: false,
      },
      {
        publicKey: "6555aa1950112769f5ce6e21879ffcb8247532f5c86abed0d8a0fb6479d9fb77",
        signature:
          "9c9006f72aaee3be7d986cd83df56853845e320a0a65659abae0d323b68892ce2907c94dee159dbf789742078854de38" +
          "a68af5c00760068cdd72162bd544840b",
        verifies: true,
      },
      {
        publicKey: "88aa55e6afeed8960a3191de78600347db8acd0a3795412f275f049b86260488",
        signature:
          "aac48e2b37321e3fe1085d61421f758710efc561c4a8a04cb3ca9873e16843e327d60a26633d3787e52bacd62e149877" +
          "0a70430e6e65b80ea74a051b80fd1b02",
        verifies: false,
      },
      {
        publicKey: "eff834761ac7ca82981eafef8901118904d85b7afafba51d0fd950657f0b8ee8",
        signature:
          "72e6529f8c273f1fc66688cf15ab63195702c173034b6346c210131b799791279bc42dbedbe7a7805109d59d6824994b" +
          "c3c6df9307b6cdf23f6e7eb47d4b3806",
        verifies: false,
      },
      {
        publicKey: "eff834761ac7ca82981eafef8901118904d85b7afafba51d0fd950657f0b8ee8",
        signature:
          "9c9006f72aaee3be7d986cd83df56853845e320a0a65659abae0d323b68892ceb4595dee471c1a9391c1ac0a6caae418" +
          "726c5a88b1ac6cb1d1f498e17070a60a",
        verifies: true,
      },
      {
        publicKey: "88aa55e6afeed8960a3191de78600347db8acd0a3795412f275f049b86260488",
        signature:
          "a578ab6c65a8c74b4f1b3ab3ee5e16dafd8756b3f4bc79201a09e09ff90995fed389d2d684e46a28b31340dfd431d614" +
          "d9d1ee55065d96e6bee663577a239e02",
        verifies: false,
      },
      {
        publicKey: "99555efe5dbf5b50b6fb4d8c38ee05c4ea8a97011c08e11366e8c8c00e8ce5d5",
        signature:
          "72e6529f8c273f1fc66688cf15ab63195702c173034b6346c210131b799791279bf7a4d14b84c8f3682a49e465b577b3" +
          "5f5ea9466e99a1b9e1e35773b4e50a06",
        verifies: false,
      },
      {
        publicKey: "99555efe5dbf5b50b6fb4d8c38ee05c4ea8a97011c08e11366e8c8c00e8ce5d5",
        signature:
          "b316b6ba83288baa6709d6b9195471595042f31541dbfe4b90aa4e9ed2b3a7868d945ed3f3f57df5c768dc70602a8abf" +
          "326005fdd4a26e3df80cffbd25f4bd07",
        verifies: true,
      },
    ],
  },
  Ed448: {
    weakPublicKeys: [
      "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" +
        "000000000000000000",
      "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" +
        "000000000000000080",
      "010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" +
        "000000000000000000",
      "010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" +
        "000000000000000080",
      "fefffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffff" +
        "ffffffffffffffff00",
      "fefffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffff" +
        "ffffffffffffffff80",
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffff" +
        "ffffffffffffffff00",
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffff" +
        "ffffffffffffffff80",
      "00000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffff" +
        "ffffffffffffffff00",
      "00000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffff" +
        "ffffffffffffffff80",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" +
        "ffffffffffffffff00",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" +
        "ffffffffffffffff80",
      "d17fef163f6b72f15e4bfe254f97f83eba37dc930fc1dc63d01eabe4f37bc180e01f739b63f4d578fd44474ce690d431" +
        "729ef9d2a7d5715501",
      "d17fef163f6b72f15e4bfe254f97f83eba37dc930fc1dc63d01eabe4f37bc180e01f739b63f4d578fd44474ce690d431" +
        "729ef9d2a7d5715581",
      "020000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" +
        "000000000000000000",
    ],
    torsion: [
      {
        publicKey:
          "5a5f236b5d519d93568883417f29321655bde69d1c517443ff595b1690c6b1ba0790f41bf258724894c684c07ee31616" +
          "89a377af25aa138580",
        signature:
          "371d6b7096252ecb2d8b9f02703fcc52467612572555a23379851f30b6b339aa831a5230e9f38e6f65b882e72218eafa" +
          "1cf6f8ab0db498e380af4e46c8d6b6ab7b166ce06c03369d6d5306100fc8032d0f116f9c8bffd8f81015a1a522929ba2" +
          "ecfb12ebb12f16ad6871a0398efbbc8c2c00",
        verifies: true,
      },
      {
        publicKey:
          "a5a0dc94a2ae626ca9777cbe80d6cde9aa421962e3ae8bbc00a6a4e96e394e45f86f0be40da78db76b397b3f811ce9e9" +
          "765c8850da55ec7a00",
        signature:
          "c8e2948f69dad134d27460fd8fc033adb989eda8daaa5dcc867ae0cf484cc6557ce5adcf160c71909a477d18dde71505" +
          "e3090754f24b671c008f89319aab387013c427c47ae306c6370e504a37da79c94472b03e716bd1243f117f2c099bbf1b" +
          "0c48617d31b7d9a759670328d6062d973100",
        verifies: true,
      },
      {
        publicKey:
          "a5a0dc94a2ae626ca9777cbe80d6cde9aa421962e3ae8bbc00a6a4e96e394e45f86f0be40da78db76b397b3f811ce9e9" +
          "765c8850da55ec7a00",
        signature:
          "ff6a7883c8527513d2b994f6ada363a266d808a203f5e792c23cc334f6104136a98f819e5ccf0bd52ed40a6d7972e699" +
          "07a49a21c92ec40b80f8f9044cec927279b6c155c32e8751dea5cd5a951906257ef167f13697413d03166a4bb32e0128" +
          "183f41fce9f6bba3c191224afa3d2ae32e00",
        verifies: true,
      },
      {
        publicKey:
          "5a5f236b5d519d93568883417f29321655bde69d1c517443ff595b1690c6b1ba0790f41bf258724894c684c07ee31616" +
          "89a377af25aa138580",
        signature:
          "6846525da93ab88c81fe15c4f822bb946924628dcd4560320702a8a92f8e238e9e2ce9f60f146008945154fb8c5afaca" +
          "45731b192b76f0ef80b49e140297504e35f91bcacb5580daa39d3013cf9b979a8f2fbc2dc776cbd685180e0f1ecbc5e0" +
          "bb345efb95f4d48e1c53c50b5e2c1d471e00",
        verifies: true,
      },
      {
        publicKey:
          "15f0c0dd7b589f96fbe623ac520d47d4d97b9ed97ab4ff71a6377040e2bc80766a0efde90a27ddaa01e8d66bba6b76a8" +
          "d00c2f99a9e3f16d80",
        signature:
          "c8e2948f69dad134d27460fd8fc033adb989eda8daaa5dcc867ae0cf484cc6557ce5adcf160c71909a477d18dde71505" +
          "e3090754f24b671c00043aacb97f2b0503489b183e1b5f8bc6c9a30a33055f7e1e61ca28959fc7e9db3a5b54a270209a" +
          "d3ef184117d18a7689b649636c2832ba3c00",
        verifies: true,
      },
      {
        publicKey:
          "15f0c0dd7b589f96fbe623ac520d47d4d97b9ed97ab4ff71a6377040e2bc80766a0efde90a27ddaa01e8d66bba6b76a8" +
          "d00c2f99a9e3f16d80",
        signature:
          "63284df029267e0b06db5745558096b02ad718e8770a0378b854273ab275c1ec654ddb8943d55ee3e0dbd81bfd7ba45d" +
          "0eb76b54690ac63300db43068b72d09db5e476a5d1ea2c0128facd8cbbe66209679e40043fdfccbbd042b9cdd2ce52ab" +
          "9282550407989c012189151669ed25382500",
        verifies: true,
      },
    ],
  },
};
