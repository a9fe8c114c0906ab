import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals } from "../index.ts";
import { encode, opaque } from "../codec/index.ts";
import { client, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { pair, restart } from "../testing/pair.ts";
import { mlsError } from "../testing/suites.ts";
import type { Feature } from "./index.ts";

const TYPE = 9;

/** PSKs that are derived from a word, for those who know it. */
function words(known: readonly string[], handedOut: Uint8Array[] = []): Feature {
  return {
    name: "words",
    psks: [
      {
        type: TYPE,
        body: opaque,
        find: async (body) => {
          const word = known.find((one) => encode(opaque, utf8(one)).every((byte, at) => body[at] === byte));
          if (word === undefined) {
            return undefined;
          }
          const secret = utf8(`the secret of ${word}`);
          handedOut.push(secret);
          return secret;
        },
      },
    ],
  };
}

const name = (word: string) => ({ pskType: TYPE, body: encode(opaque, utf8(word)) });

describe("a PSK type of a feature (RFC 9420 §8.4)", () => {
  it("goes by value and by reference, over restarts, and into a Welcome", async () => {
    const handedOut: Uint8Array[] = [];
    const feature = words(["tea", "cake"], handedOut);
    const two = await pair({ features: [feature] });
    const { alice, bob } = two;
    const { message } = await two.b.propose(bob.signer, proposals.psk(name("tea")));
    await two.a.processMessage(message);
    await restart(two);
    const dave = await client("dave", alice.provider.crypto, 1, { features: [feature] });
    const keyPackage = await keyPackageOf(dave);
    const made = await two.a.commit().injectPsk(name("cake")).addMembers([keyPackage]).build(alice.signer);
    expect(made.summary.psks).toMatchObject([name("tea"), name("cake")]);
    await restart(two);
    const { welcome } = await two.a.mergePendingCommit();
    await follow(two.b, made.commit);
    const d = await joinFrom(dave, welcome);
    expect(two.b.epochAuthenticator).toEqual(two.a.epochAuthenticator);
    expect(d.epochAuthenticator).toEqual(two.a.epochAuthenticator);
    expect(handedOut.length).toBeGreaterThan(3);
    expect(handedOut.every((secret) => secret.every((byte) => byte === 0))).toBe(true); // wiped after use
  });

  it("that is not at hand is named (valn1205)", async () => {
    const two = await pair({ features: [words(["tea"])] });
    const missing = { code: "ERR_MLS_MISSING_PSK", rule: "valn1205", details: { id: name("salt") } };
    await expect(two.a.commit().injectPsk(name("salt")).build(two.alice.signer)).rejects.toMatchObject(
      missing,
    );
    const knowing = { ...two.alice.provider, features: [words(["salt"])] };
    const group = (await MlsGroup.load(knowing, two.a.groupId))!;
    const { commit } = await group.commit().injectPsk(name("salt")).build(two.alice.signer);
    await expect(two.b.processMessage(commit)).rejects.toMatchObject(missing);
  });

  it("decides about the epoch: another secret does not go along (rfc27)", async () => {
    const two = await pair({ features: [words(["tea"])] });
    const wrong: Feature = {
      ...words([]),
      psks: [{ ...words(["tea"]).psks![0]!, find: async () => utf8("guessed") }],
    };
    const group = (await MlsGroup.load({ ...two.bob.provider, features: [wrong] }, two.b.groupId))!;
    const { commit } = await two.a.commit().injectPsk(name("tea")).build(two.alice.signer);
    await expect(group.processMessage(commit)).rejects.toThrow(mlsError("ERR_MLS_INVALID_TAG", "rfc27"));
    await follow(two.b, commit);
  });

  it("cannot be read without its feature (rfc05)", async () => {
    const two = await pair({ features: [words(["tea"])] }, { config: { handshake: "public" } });
    const { commit } = await two.a.commit().injectPsk(name("tea")).build(two.alice.signer);
    const { features: _, ...plain } = two.bob.provider;
    const group = (await MlsGroup.load(plain, two.b.groupId))!;
    await expect(group.processMessage(commit)).rejects.toThrow(mlsError("ERR_MLS_DECODE", "rfc05"));
  });
});
