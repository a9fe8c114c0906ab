import { bytesToHex, concatBytes, hexToBytes, isMlsError } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Codec, decode, encode } from "../codec/index.ts";
import { authenticatedContent, framedContent } from "./framed-content.ts";
import { groupContext } from "./group-context.ts";
import { decodeMlsMessage, encodeMlsMessage, type WireMessage } from "./mls-message.ts";
import { commit } from "./commit.ts";
import { proposal } from "./proposal.ts";
import { ratchetTree } from "./ratchet-tree.ts";
import { groupSecrets } from "./welcome.ts";
import { ContentType, ProposalType, WireFormat } from "../registry.ts";
import { mlsError } from "../testing/suites.ts";
import { itPasses, readVectors } from "../testing/vectors.ts";
import { senderData } from "../protection/index.ts";
import * as arbitrary from "./testing/arbitraries.ts";

const MESSAGES = {
  mls_welcome: WireFormat.mlsWelcome,
  mls_group_info: WireFormat.mlsGroupInfo,
  mls_key_package: WireFormat.mlsKeyPackage,
  public_message_application: WireFormat.mlsPublicMessage,
  public_message_proposal: WireFormat.mlsPublicMessage,
  public_message_commit: WireFormat.mlsPublicMessage,
  private_message: WireFormat.mlsPrivateMessage,
} as const;

const PROPOSALS = {
  add_proposal: ProposalType.add,
  update_proposal: ProposalType.update,
  remove_proposal: ProposalType.remove,
  pre_shared_key_proposal: ProposalType.psk,
  re_init_proposal: ProposalType.reinit,
  external_init_proposal: ProposalType.externalInit,
  group_context_extensions_proposal: ProposalType.groupContextExtensions,
} as const;

const STRUCTS: Readonly<Record<string, Codec<unknown>>> = {
  ratchet_tree: ratchetTree,
  group_secrets: groupSecrets,
  commit,
};

type Messages = Readonly<Record<string, string>>;

function recoded<T>(codec: Codec<T>, bytes: Uint8Array): Uint8Array {
  return encode(codec, decode(codec, bytes));
}

/** A typed refusal, or a value whose encoding is what came in; anything else is thrown on. */
function judge(recode: () => Uint8Array, input: Uint8Array): "refused" | "accepted" {
  let output: Uint8Array;
  try {
    output = recode();
  } catch (error) {
    if (isMlsError(error)) {
      return "refused";
    }
    throw error;
  }
  expect(bytesToHex(output)).toBe(bytesToHex(input));
  return "accepted";
}

describe("message vectors", () => {
  itPasses(
    ["mls/messages.json"],
    async (vector: Messages) => {
      for (const [name, wireFormat] of Object.entries(MESSAGES)) {
        const bytes = hexToBytes(vector[name]!);
        const message = decodeMlsMessage(bytes);
        expect(message.wireFormat).toBe(wireFormat);
        expect(bytesToHex(encodeMlsMessage(message))).toBe(vector[name]);
      }
      for (const [name, type] of Object.entries(PROPOSALS)) {
        const bytes = concatBytes(Uint8Array.of(0, type), hexToBytes(vector[name]!));
        expect(decode(proposal, bytes).proposalType).toBe(type);
        expect(bytesToHex(recoded(proposal, bytes))).toBe(bytesToHex(bytes));
      }
      for (const [name, codec] of Object.entries(STRUCTS)) {
        expect(bytesToHex(recoded(codec, hexToBytes(vector[name]!)))).toBe(vector[name]);
      }
    },
    3,
  );
});

describe("messages", () => {
  it("round trip", () => {
    fc.assert(
      fc.property(arbitrary.mlsMessage, (message) => {
        const bytes = encodeMlsMessage(message);
        expect(decodeMlsMessage(bytes)).toEqual(message);
      }),
      { numRuns: 300 },
    );
  });

  it("round trip in their parts", () => {
    fc.assert(
      fc.property(
        arbitrary.framedContent,
        arbitrary.groupSecrets,
        arbitrary.groupContext,
        (content, secrets, context) => {
          expect(decode(framedContent, encode(framedContent, content))).toEqual(content);
          expect(decode(groupSecrets, encode(groupSecrets, secrets))).toEqual(secrets);
          expect(decode(groupContext, encode(groupContext, context))).toEqual(context);
        },
      ),
    );
  });

  it("are refused when cut anywhere (trap05), and with anything appended (trap07)", () => {
    fc.assert(
      fc.property(arbitrary.mlsMessage, (message) => {
        const bytes = encodeMlsMessage(message);
        for (let cut = 0; cut < bytes.length; cut++) {
          expect(() => decodeMlsMessage(bytes.subarray(0, cut))).toThrow(mlsError("ERR_MLS_DECODE"));
        }
        for (const extra of [0, 1]) {
          const longer = concatBytes(bytes, Uint8Array.of(extra));
          expect(() => decodeMlsMessage(longer)).toThrow(mlsError("ERR_MLS_DECODE", "trap07"));
        }
      }),
      { numRuns: 20 },
    );
  });

  it("mutated in any way are refused by type, or mean what they say", () => {
    const mutation = arbitrary.mlsMessage.chain((message) => arbitrary.mutated(encodeMlsMessage(message)));
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(mutation, (bytes) => {
        outcomes.add(judge(() => encodeMlsMessage(decodeMlsMessage(bytes)), bytes));
      }),
      { numRuns: 3000 },
    );
    expect(outcomes).toEqual(new Set(["refused", "accepted"]));
  });

  it("of the vectors, mutated, are refused by type, or mean what they say", () => {
    const vectors = (readVectors("mls/messages.json") ?? []).slice(0, 5) as readonly Messages[];
    let judged = 0;
    for (const vector of vectors) {
      for (const name of Object.keys(MESSAGES)) {
        fc.assert(
          fc.property(arbitrary.mutated(hexToBytes(vector[name]!)), (bytes) => {
            judge(() => encodeMlsMessage(decodeMlsMessage(bytes)), bytes);
            judged++;
          }),
          { numRuns: 40 },
        );
      }
    }
    expect(judged).toBe(vectors.length * Object.keys(MESSAGES).length * 40);
  });

  it("random bytes are refused by type", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (rest, wireFormat) => {
        const bytes = Uint8Array.of(0, 1, 0, wireFormat, ...rest);
        expect(judge(() => encodeMlsMessage(decodeMlsMessage(bytes)), bytes)).toMatch(/refused|accepted/);
      }),
      { numRuns: 1000 },
    );
  });

  const application: WireMessage = {
    wireFormat: WireFormat.mlsPrivateMessage,
    privateMessage: {
      groupId: Uint8Array.of(1),
      epoch: 2n,
      contentType: ContentType.application,
      authenticatedData: new Uint8Array(),
      encryptedSenderData: Uint8Array.of(3),
      ciphertext: Uint8Array.of(4),
    },
  };

  it.each([0, 2, 0xffff])("of version %i are unsupported (rfc06)", (version) => {
    const bytes = encodeMlsMessage(application);
    bytes.set([version >>> 8, version & 0xff]);
    expect(() => decodeMlsMessage(bytes)).toThrow(mlsError("ERR_MLS_UNSUPPORTED_VERSION", "rfc06"));
  });

  it.each([0, 6, 0xf000])("of wire format %i are unsupported (rfc06)", (wireFormat) => {
    const bytes = encodeMlsMessage(application);
    bytes.set([wireFormat >>> 8, wireFormat & 0xff], 2);
    expect(() => decodeMlsMessage(bytes)).toThrow(mlsError("ERR_MLS_UNSUPPORTED_WIRE_FORMAT", "rfc06"));
  });

  it("are bounded in size (trap01)", () => {
    const bytes = encodeMlsMessage(application);
    expect(decodeMlsMessage(bytes, bytes.length)).toEqual(application);
    expect(() => decodeMlsMessage(bytes, bytes.length - 1)).toThrow(mlsError("ERR_MLS_LIMIT"));
  });

  it.each([0, 4, 255])("have no content type %i (rfc05)", (type) => {
    const bytes = encodeMlsMessage(application);
    bytes[4 + 2 + 8] = type;
    expect(() => decodeMlsMessage(bytes)).toThrow(mlsError("ERR_MLS_DECODE", "rfc05"));
  });

  it("are copied out of their input (trap08)", () => {
    const bytes = encodeMlsMessage(application);
    const buffer = new Uint8Array(bytes.length + 7);
    buffer.set(bytes, 7);
    const message = decodeMlsMessage(buffer.subarray(7));
    buffer.fill(0xff);
    expect(message).toEqual(application);
  });

  it("refuse a key package of another version (valn0205)", () => {
    const [message] = fc.sample(
      arbitrary.mlsMessage.filter((sample) => sample.wireFormat === WireFormat.mlsKeyPackage),
      1,
    );
    const bytes = encodeMlsMessage(message!);
    bytes[5] = 2;
    expect(() => decodeMlsMessage(bytes)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn0205"));
  });
});

describe("confirmation and membership tags on the wire", () => {
  const isCommit = ({ contentType }: { readonly contentType: ContentType }): boolean =>
    contentType === ContentType.commit;

  it("a commit without a confirmation tag is malformed, and so is a tag on anything else (rfc26)", () => {
    fc.assert(
      fc.property(arbitrary.framedContent, (content) => {
        const head = { wireFormat: WireFormat.mlsPrivateMessage, content };
        const tag = Uint8Array.of(2, 1, 1);
        const withTag = concatBytes(
          encode(authenticatedContent, { ...head, auth: { signature: tag, confirmationTag: tag } }),
          isCommit(content) ? new Uint8Array() : tag,
        );
        const input = isCommit(content) ? withTag.subarray(0, withTag.length - 4) : withTag;
        expect(() => decode(authenticatedContent, input)).toThrow(mlsError("ERR_MLS_DECODE"));
      }),
    );
  });

  it("a member's message without a tag is malformed, and so is anybody else's with one (rfc28)", () => {
    fc.assert(
      fc.property(arbitrary.publicMessage, (publicMessage) => {
        const bytes = encodeMlsMessage({ wireFormat: WireFormat.mlsPublicMessage, publicMessage });
        const { membershipTag } = publicMessage;
        const wrong =
          membershipTag === undefined
            ? concatBytes(bytes, Uint8Array.of(1, 1))
            : bytes.subarray(0, bytes.length - membershipTag.length - (membershipTag.length < 64 ? 1 : 2));
        expect(() => decodeMlsMessage(wrong)).toThrow(mlsError("ERR_MLS_DECODE"));
      }),
    );
  });

  it("sender data have exactly 12 bytes", () => {
    const bytes = encode(senderData, {
      leafIndex: 2 ** 32 - 1,
      generation: 2 ** 31,
      reuseGuard: new Uint8Array(4),
    });
    expect(bytesToHex(bytes)).toBe("ffffffff8000000000000000");
    for (const other of [bytes.subarray(1), concatBytes(bytes, Uint8Array.of(0))]) {
      expect(() => decode(senderData, other)).toThrow(mlsError("ERR_MLS_DECODE"));
    }
  });
});
