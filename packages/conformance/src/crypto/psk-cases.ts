import type { CipherSuite, HpkePsk } from "@openmls-ts/traits";
import { equalBytes, hexToBytes, utf8 } from "@openmls-ts/traits";
import { check, checkBytes, checkRejects, embedded } from "../case.ts";
import type { CryptoConformanceCase } from "./context.ts";
import { suiteCases } from "./context.ts";

const EMPTY = new Uint8Array(0);
const INFO = utf8("info");
const AAD = utf8("aad");

function psk(id = "id", first = 1): HpkePsk {
  return { psk: new Uint8Array(32).fill(7).fill(first, 0, 1), pskId: utf8(id) };
}

/** RFC 9180, appendix A: the first encryption in PSK mode, for the suites that MLS has too. */
const RFC_9180 = {
  info: "4f6465206f6e2061204772656369616e2055726e",
  psk: "0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82",
  pskId: "456e6e796e20447572696e206172616e204d6f726961",
  aad: "436f756e742d30",
  plaintext: "4265617574792069732074727574682c20747275746820626561757479",
  suites: {
    1: {
      privateKey: "c5eb01eb457fe6c6f57577c5413b931550a162c71a03ac8d196babbd4e5ce0fd",
      kemOutput: "0ad0950d9fb9588e59690b74f1237ecdf1d775cd60be2eca57af5a4b0471c91b",
      ciphertext:
        "e52c6fed7f758d0cf7145689f21bc1be6ec9ea097fef4e959440012f4feb73fb611b946199e681f4cfc34db8ea",
    },
    2: {
      privateKey: "438d8bcef33b89e0e9ae5eb0957c353c25a94584b0dd59c991372a75b43cb661",
      kemOutput:
        "04305d35563527bce037773d79a13deabed0e8e7cde61eecee403496959e89e4d0ca701726696d1485137ccb5341b3c1c7aaee90a4a02449725e744b1193b53b5f",
      ciphertext:
        "90c4deb5b75318530194e4bb62f890b019b1397bbf9d0d6eb918890e1fb2be1ac2603193b60a49c2126b75d0eb",
    },
    3: {
      privateKey: "77d114e0212be51cb1d76fa99dd41cfd4d0166b08caa09074430a6c59ef17879",
      kemOutput: "2261299c3f40a9afc133b969a97f05e95be2c514e54f3de26cbe5644ac735b04",
      ciphertext:
        "4a177f9c0d6f15cfdf533fb65bf84aecdc6ab16b8b85b4cf65a370e07fc1d78d28fb073214525276f4a89608ff",
    },
    5: {
      privateKey:
        "011bafd9c7a52e3e71afbdab0d2f31b03d998a0dc875dd7555c63560e142bde264428de03379863b4ec6138f813fa009927dc5d15f62314c56d4e7ff2b485753eb72",
      kemOutput:
        "040085eff0835cc84351f32471d32aa453cdc1f6418eaaecf1c2824210eb1d48d0768b368110fab21407c324b8bb4bec63f042cfa4d0868d19b760eb4beba1bff793b30036d2c614d55730bd2a40c718f9466faf4d5f8170d22b6df98dfe0c067d02b349ae4a142e0c03418f0a1479ff78a3db07ae2c2e89e5840f712c174ba2118e90fdcb",
      ciphertext:
        "de69e9d943a5d0b70be3359a19f317bd9aca4a2ebb4332a39bcdfc97d5fe62f3a77702f4822c3be531aa7843a1",
    },
  } as Readonly<
    Record<number, { readonly privateKey: string; readonly kemOutput: string; readonly ciphertext: string }>
  >,
};

async function checkRefusedPsk(suite: CipherSuite, given: HpkePsk, what: string): Promise<void> {
  const { privateKey, publicKey } = await suite.deriveKeyPair(AAD);
  const setup = async (): Promise<unknown> => suite.hpkeSetupSender(publicKey, INFO, given);
  await checkRejects("ERR_MLS_USAGE", setup, `hpkeSetupSender with ${what}`);
  const open = async (): Promise<unknown> =>
    suite.hpkeOpen(privateKey, publicKey, INFO, AAD, new Uint8Array(32), given);
  await checkRejects("ERR_MLS_USAGE", open, `hpkeOpen with ${what}`);
}

/** HPKE for one recipient and message, with and without a pre-shared key (RFC 9180 §5.1.1 and §5.1.2). */
export const pskCases: readonly CryptoConformanceCase[] = [
  ...suiteCases(
    "hpkeOpen gives the answers of RFC 9180 in PSK mode",
    async (suite) => {
      const { privateKey, kemOutput, ciphertext } = RFC_9180.suites[suite.id]!;
      const opened = await suite.hpkeOpen(
        hexToBytes(privateKey),
        hexToBytes(kemOutput),
        hexToBytes(RFC_9180.info),
        hexToBytes(RFC_9180.aad),
        hexToBytes(ciphertext),
        { psk: hexToBytes(RFC_9180.psk), pskId: hexToBytes(RFC_9180.pskId) },
      );
      checkBytes(opened, hexToBytes(RFC_9180.plaintext), "plaintext");
    },
    ({ id }) => Object.hasOwn(RFC_9180.suites, id),
  ),
  ...suiteCases("hpkeSetupSender seals one message, in both modes", async (suite) => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(utf8("alice"));
    for (const given of [undefined, psk()]) {
      const sender = await suite.hpkeSetupSender(publicKey, INFO, given);
      check(
        sender.kemOutput.length === suite.params.kem.encapsulatedLength,
        "length of the encapsulated key",
      );
      const ciphertext = await sender.seal(AAD, utf8("hello"));
      const opened = await suite.hpkeOpen(privateKey, sender.kemOutput, INFO, AAD, ciphertext, given);
      checkBytes(opened, utf8("hello"), "plaintext");
      await checkRejects("ERR_MLS_USAGE", async () => sender.seal(AAD, AAD), "a second message");
    }
  }),
  ...suiteCases("base mode is the same however it is set up", async (suite) => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(utf8("bob"));
    const { kemOutput, ciphertext } = await suite.hpkeSealContext(INFO).seal(publicKey, AAD, EMPTY);
    checkBytes(await suite.hpkeOpen(privateKey, kemOutput, INFO, AAD, ciphertext), EMPTY, "of a context");
    const sender = await suite.hpkeSetupSender(publicKey, INFO);
    const sealed = await sender.seal(AAD, EMPTY);
    checkBytes(await suite.hpkeOpen(privateKey, sender.kemOutput, INFO, AAD, sealed), EMPTY, "of a sender");
    check(!equalBytes(sender.kemOutput, kemOutput), "every sender has an ephemeral key of its own");
  }),
  ...suiteCases(
    "what was sealed with a pre-shared key opens with no other and not without",
    async (suite) => {
      const { privateKey, publicKey } = await suite.deriveKeyPair(utf8("carol"));
      const modes = { "the key": psk(), "no key": undefined } as const;
      const others = { ...modes, "another key": psk("id", 2), "another name": psk("other") };
      for (const [mode, given] of Object.entries(modes)) {
        const sender = await suite.hpkeSetupSender(publicKey, INFO, given);
        const ciphertext = await sender.seal(AAD, AAD);
        for (const [what, other] of Object.entries(others).filter(([name]) => name !== mode)) {
          const open = async (): Promise<unknown> =>
            suite.hpkeOpen(privateKey, sender.kemOutput, INFO, AAD, ciphertext, other);
          await checkRejects("ERR_MLS_DECRYPTION", open, `sealed with ${mode}, opened with ${what}`);
        }
      }
    },
  ),
  ...suiteCases("pre-shared keys that are short or have no name are refused", async (suite) => {
    await checkRefusedPsk(suite, { ...psk(), psk: EMPTY }, "an empty key");
    await checkRefusedPsk(suite, { ...psk(), psk: new Uint8Array(31) }, "a key of 31 bytes");
    await checkRefusedPsk(suite, { ...psk(), pskId: EMPTY }, "an empty name");
    await checkRefusedPsk(suite, {} as HpkePsk, "neither");
  }),
  ...suiteCases("a pre-shared key stays the caller's, and as it was", async (suite) => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(utf8("dave"));
    const given = { psk: embedded(psk().psk), pskId: embedded(psk().pskId) };
    const sender = await suite.hpkeSetupSender(publicKey, INFO, given);
    checkBytes(given.psk, psk().psk, "the key");
    given.psk.fill(0);
    given.pskId.fill(0);
    const ciphertext = await sender.seal(AAD, AAD);
    checkBytes(
      await suite.hpkeOpen(privateKey, sender.kemOutput, INFO, AAD, ciphertext, psk()),
      AAD,
      "plaintext",
    );
  }),
];
