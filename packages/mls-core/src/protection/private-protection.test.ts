import { type CipherSuite, concatBytes, decryptionFailed, hexToBytes, utf8 } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import { encode, opaque } from "../codec/index.ts";
import { ContentType, ProposalOrRefType, SenderType, WireFormat } from "../registry.ts";
import { altered, freshSigner, mlsError, SUITES, suiteOf } from "../testing/suites.ts";
import { openPrivate, openSenderData, sealPrivate, sealSenderData } from "./index.ts";
import { type Content, type PrivateMessage, type Sender } from "../wire/index.ts";
import {
  type World,
  sign,
  treeOf,
  makePrivate,
  open,
  kindOf,
  newWorld,
  APPLICATION,
  REMOVE,
  COMMIT,
  flipped,
} from "./testing/world.ts";

describe("protection", () => {
  let world: World;
  beforeAll(async () => {
    world = await newWorld(await suiteOf(1));
  });

  describe("of private messages", () => {
    it.each(SUITES)("round trips with padding, suite %i", async (id) => {
      const other = await newWorld(await suiteOf(id));
      for (const body of [APPLICATION, REMOVE, COMMIT]) {
        for (const padding of [0, 1, 10_000]) {
          expect(await open(other, await makePrivate(other, body, padding))).toMatchObject({
            content: { ...body, authenticatedData: utf8("seen") },
            genuine: true,
          });
        }
      }
    });

    it("pads by exactly so many bytes", async () => {
      const plain = await makePrivate(world, APPLICATION);
      const padded = await makePrivate(world, APPLICATION, 100);
      expect(padded.ciphertext.length - plain.ciphertext.length).toBe(100);
    });

    it.each([-1, 0.5, Number.NaN, 2 ** 30])("refuses a padding of %d", async (padding) => {
      await expect(makePrivate(world, APPLICATION, padding)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    });

    it.each<readonly [string, Sender, Content]>([
      ["external", { senderType: SenderType.external, senderIndex: 0 }, REMOVE],
      ["newMemberProposal", { senderType: SenderType.newMemberProposal }, REMOVE],
      ["newMemberCommit", { senderType: SenderType.newMemberCommit }, COMMIT],
    ])("is for members only, not %s (valn1305)", async (_, sender, body) => {
      const authenticated = await sign(world, WireFormat.mlsPrivateMessage, body, sender);
      const ratchetKey = treeOf(world).take(1, "handshake");
      const { suite, senderDataSecret } = world;
      await expect(
        sealPrivate(suite, { authenticated, senderDataSecret, ratchetKey, padding: 0 }),
      ).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn1305"));
      expect(ratchetKey.key).toEqual(new Uint8Array(16)); // wiped on failure, too
    });

    it("refuses commits without a confirmation tag and tags elsewhere (rfc26)", async () => {
      const { suite, senderDataSecret } = world;
      for (const body of [COMMIT, APPLICATION]) {
        const { auth, ...rest } = await sign(world, WireFormat.mlsPrivateMessage, body);
        const confirmationTag = auth.confirmationTag === undefined ? new Uint8Array(32) : undefined;
        const authenticated = { ...rest, auth: { ...auth, confirmationTag } };
        const ratchetKey = treeOf(world).take(1, "handshake");
        await expect(
          sealPrivate(suite, { authenticated, senderDataSecret, ratchetKey, padding: 0 }),
        ).rejects.toThrow(mlsError("ERR_MLS_INTERNAL", "rfc26"));
      }
    });

    it("fails alike whatever was changed (rfc29, rfc30)", async () => {
      const message = await makePrivate(world, APPLICATION, 64);
      const { ciphertext, encryptedSenderData } = message;
      const changed: PrivateMessage[] = [
        { ...message, groupId: utf8("grouq") },
        { ...message, epoch: 6n },
        { ...message, contentType: ContentType.commit },
        { ...message, authenticatedData: utf8("seem") },
        { ...message, ciphertext: flipped(ciphertext, 0) }, // inside the sample
        { ...message, ciphertext: flipped(ciphertext, 31) },
        { ...message, ciphertext: flipped(ciphertext, 32) }, // beyond it
        { ...message, ciphertext: flipped(ciphertext, ciphertext.length - 1) },
        { ...message, ciphertext: ciphertext.subarray(0, -1) },
        { ...message, encryptedSenderData: flipped(encryptedSenderData, 0) },
        { ...message, encryptedSenderData: new Uint8Array() },
        { ...message, encryptedSenderData: encryptedSenderData.subarray(1) },
      ];
      for (const length of [0, 1, 15, 16]) {
        changed.push({ ...message, ciphertext: ciphertext.subarray(0, length) }); // trap31
      }
      const errors = await Promise.all(
        changed.map(async (other) => open(world, other).catch((error: unknown) => error)),
      );
      for (const error of errors) {
        expect(error).toEqual(mlsError("ERR_MLS_DECRYPTION"));
        expect(String(error)).toBe("MlsError [ERR_MLS_DECRYPTION]: decryption failed");
      }
      expect((await open(world, message)).genuine).toBe(true);
    });

    it("binds header fields by the content encryption even when the sender data fit (rfc29)", async () => {
      const message = await makePrivate(world, APPLICATION);
      const senderData = await openSenderData(world.suite, world.senderDataSecret, message);
      const { suite, senderDataSecret } = world;
      for (const change of [
        { groupId: utf8("grouq") },
        { epoch: 6n },
        { contentType: ContentType.proposal },
      ]) {
        const header = { ...message, ...change };
        const encryptedSenderData = await sealSenderData(
          suite,
          senderDataSecret,
          header,
          message.ciphertext,
          senderData,
        );
        const { key, nonce } = treeOf(world).peek(1, "application", 0);
        await expect(
          openPrivate(suite, { ...header, encryptedSenderData }, senderData, key, nonce),
        ).rejects.toThrow(mlsError("ERR_MLS_DECRYPTION"));
      }
    });

    it("answers alike when the provider fails in a way of its own", async () => {
      const message = await makePrivate(world, APPLICATION);
      const odd = altered(world.suite, {
        aeadOpen: async () => Promise.reject(new TypeError("detached buffer")),
      });
      await expect(open({ ...world, suite: odd }, message)).rejects.toThrow(mlsError("ERR_MLS_DECRYPTION"));
    });

    it("XORs the reuse guard onto the nonce (rfc31)", async () => {
      const { suite } = world;
      for (const guard of ["00000000", "ffffffff", "01020304"].map(hexToBytes)) {
        let used: Uint8Array | undefined;
        const watched = altered(suite, {
          randomBytes: () => guard,
          aeadSeal: async (...args: Parameters<CipherSuite["aeadSeal"]>) => {
            used ??= args[1].slice();
            return suite.aeadSeal(...args);
          },
        });
        const message = await makePrivate({ ...world, suite: watched }, APPLICATION);
        const { nonce } = treeOf(world).take(1, "application");
        expect(used).toEqual(nonce.map((byte, i) => byte ^ (guard[i] ?? 0)));
        const senderData = await openSenderData(suite, world.senderDataSecret, message);
        expect(senderData).toEqual({ leafIndex: 1, generation: 0, reuseGuard: guard });
        const { key, nonce: again } = treeOf(world).peek(1, "application", 0);
        const wrong = { ...senderData, reuseGuard: flipped(guard, 2) };
        await expect(openPrivate(suite, message, wrong, key, again)).rejects.toThrow(
          mlsError("ERR_MLS_DECRYPTION"),
        );
      }
    });

    it("draws the reuse guard at random (trap26)", async () => {
      const guards = new Set<string>();
      for (let i = 0; i < 50; i++) {
        const message = await makePrivate(world, APPLICATION);
        guards.add(String((await openSenderData(world.suite, world.senderDataSecret, message)).reuseGuard));
      }
      expect(guards.size).toBeGreaterThan(45);
    });

    it("wipes the keys it used (trap33)", async () => {
      const { suite, senderDataSecret } = world;
      const authenticated = await sign(world, WireFormat.mlsPrivateMessage, APPLICATION);
      const ratchetKey = treeOf(world).take(1, "application");
      const message = await sealPrivate(suite, { authenticated, senderDataSecret, ratchetKey, padding: 0 });
      const senderData = await openSenderData(suite, senderDataSecret, message);
      const { key, nonce } = treeOf(world).peek(1, "application", 0);
      await openPrivate(suite, message, senderData, key, nonce);
      for (const bytes of [ratchetKey.key, ratchetKey.nonce, key, nonce]) {
        expect(bytes.every((byte) => byte === 0)).toBe(true);
      }
    });

    /** A message whose plaintext is anything, encrypted as a member would. */
    async function sealRaw(plaintext: Uint8Array, contentType: ContentType): Promise<PrivateMessage> {
      const { suite, senderDataSecret, context } = world;
      const { groupId, epoch } = context;
      const { key, nonce, generation } = treeOf(world).take(1, kindOf(contentType));
      const authenticatedData = new Uint8Array();
      const header = { groupId, epoch, contentType, authenticatedData };
      // PrivateContentAAD by hand
      const aad = concatBytes(encode(opaque, groupId), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5, contentType, 0));
      const ciphertext = await suite.aeadSeal(key, nonce, aad, plaintext);
      const reuseGuard = new Uint8Array(4);
      const senderData = { leafIndex: 1, generation, reuseGuard };
      const encryptedSenderData = await sealSenderData(
        suite,
        senderDataSecret,
        header,
        ciphertext,
        senderData,
      );
      return { ...header, encryptedSenderData, ciphertext };
    }

    it("refuses padding that is not zero (valn1303)", async () => {
      const content = Uint8Array.of(1, 0x61, 2, 9, 9); // application data "a", a signature of two bytes
      for (const padding of [[], [0], new Uint8Array(10_000)]) {
        const message = await sealRaw(
          concatBytes(content, Uint8Array.from(padding)),
          ContentType.application,
        );
        expect((await open(world, message)).content).toMatchObject({ applicationData: utf8("a") });
      }
      for (const padding of [[0, 0, 1], [1, 0, 0], [0xff]]) {
        const message = await sealRaw(
          concatBytes(content, Uint8Array.from(padding)),
          ContentType.application,
        );
        await expect(open(world, message)).rejects.toThrow(mlsError("ERR_MLS_DECRYPTION"));
      }
    });

    it.each([
      ["nothing", ContentType.application, []],
      ["a cut signature", ContentType.application, [1, 0x61, 2, 9]],
      ["a commit without tag", ContentType.commit, [0, 0, 2, 9, 9]],
      ["a long length", ContentType.application, [0xbf, 0xff, 0xff, 0xff]],
    ])("refuses a plaintext that is malformed: %s", async (_, type, plaintext) => {
      const message = await sealRaw(Uint8Array.from(plaintext), type);
      const error: unknown = await open(world, message).catch((thrown: unknown) => thrown);
      expect(error).toEqual(mlsError("ERR_MLS_DECRYPTION"));
      expect(error).toEqual(decryptionFailed()); // as a ciphertext that does not open (trap59)
    });

    it("names a proposal of a type that no feature brings", async () => {
      const message = await sealRaw(Uint8Array.from([0xf0, 0x03, 0, 0]), ContentType.proposal);
      await expect(open(world, message)).rejects.toThrow(mlsError("ERR_MLS_UNSUPPORTED_TYPE", "rfc05"));
    });

    it("refuses sender data of another length", async () => {
      const { suite, senderDataSecret } = world;
      const short = altered(suite, {
        aeadOpen: async () => new Uint8Array(11),
      });
      const message = await makePrivate(world, APPLICATION);
      await expect(openSenderData(short, senderDataSecret, message)).rejects.toThrow(
        mlsError("ERR_MLS_DECRYPTION"),
      );
    });

    it("reads content by the caller's options", async () => {
      const { suite, senderDataSecret } = world;
      const reference = { type: ProposalOrRefType.reference, reference: new Uint8Array(1) } as const;
      const proposals = Array.from({ length: 100 }, () => reference);
      const body: Content = { contentType: ContentType.commit, commit: { proposals, path: undefined } };
      const message = await makePrivate(world, body);
      const senderData = await openSenderData(suite, senderDataSecret, message);
      const opening = async (maxElements: number): Promise<unknown> => {
        const { key, nonce } = treeOf(world).peek(1, "handshake", 0);
        return openPrivate(suite, message, senderData, key, nonce, { maxElements });
      };
      await expect(opening(1000)).resolves.toMatchObject({ content: { commit: { proposals } } });
      await expect(opening(10)).rejects.toThrow(mlsError("ERR_MLS_LIMIT"));
    });

    it("takes its sender from the sender data, whatever leaf they name", async () => {
      const { suite, senderDataSecret } = world;
      const message = await makePrivate(world, APPLICATION);
      for (const leafIndex of [0, 2 ** 31, 2 ** 32 - 1]) {
        const claim = { leafIndex, generation: 0, reuseGuard: new Uint8Array(4) };
        const encryptedSenderData = await sealSenderData(
          suite,
          senderDataSecret,
          message,
          message.ciphertext,
          claim,
        );
        const opened = await openSenderData(suite, senderDataSecret, { ...message, encryptedSenderData });
        expect(opened).toEqual(claim);
      }
    });

    it("shows a foreign signature as what it is (valn1304)", async () => {
      const foreign = { ...world, signer: await freshSigner(world.suite) };
      const message = await makePrivate(foreign, APPLICATION);
      expect((await open(world, message)).genuine).toBe(false);
    });
  });
});
