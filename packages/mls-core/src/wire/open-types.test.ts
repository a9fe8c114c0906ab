import { describe, expect, it } from "vitest";
import { type Codec, decode, encode, opaque, struct, uint16 } from "../codec/index.ts";
import { mlsError } from "../testing/suites.ts";
import { decodeMlsMessage, decodeOpenMessage, encodeMlsMessage } from "./mls-message.ts";
import type { OpenTypes } from "./open-types.ts";
import { preSharedKeyId } from "./psk-id.ts";
import { groupSecrets } from "./welcome.ts";

interface ComponentPsk {
  readonly component: number;
  readonly id: Uint8Array;
}

const componentPsk: Codec<ComponentPsk> = struct<ComponentPsk>({ component: uint16, id: opaque });
const types: OpenTypes = { proposals: new Map(), psks: new Map([[3, componentPsk]]) };

// psktype 3, component 7, id "ab", nonce of one byte
const PSK = Uint8Array.of(3, 0, 7, 2, 0x61, 0x62, 1, 9);

describe("PSK types that a feature brings", () => {
  it("are read by its codec, kept as their bytes, and written without it", () => {
    const psk = decode(preSharedKeyId, PSK, { types });
    expect(psk).toEqual({ pskType: 3, body: PSK.slice(1, 6), pskNonce: Uint8Array.of(9) });
    expect(encode(preSharedKeyId, psk)).toEqual(PSK);
  });

  it("are known inside of lists too", () => {
    const secrets = {
      joinerSecret: Uint8Array.of(1),
      pathSecret: undefined,
      psks: [decode(preSharedKeyId, PSK, { types })],
    };
    const bytes = encode(groupSecrets, secrets);
    expect(decode(groupSecrets, bytes, { types })).toEqual(secrets);
    expect(() => decode(groupSecrets, bytes)).toThrow(mlsError("ERR_MLS_DECODE", "rfc05"));
  });

  it.each([0, 3, 4, 255])("are refused by their number where no feature knows them: %i", (pskType) => {
    const bytes = Uint8Array.of(pskType, ...PSK.subarray(1));
    expect(() => decode(preSharedKeyId, bytes)).toThrow(
      expect.objectContaining({ code: "ERR_MLS_DECODE", rule: "rfc05", details: { pskType } }) as Error,
    );
  });

  it("end where their codec says, or not at all", () => {
    for (let cut = 0; cut < PSK.length; cut++) {
      expect(() => decode(preSharedKeyId, PSK.subarray(0, cut), { types })).toThrow(
        mlsError("ERR_MLS_DECODE"),
      );
    }
  });
});

describe("unknown wire formats", () => {
  const bytes = Uint8Array.of(0, 1, 0xf0, 1, 5, 6, 7);

  it("are carried as they are", () => {
    const message = decodeOpenMessage(bytes);
    expect(message).toEqual({ wireFormat: 0xf001, body: Uint8Array.of(5, 6, 7) });
    expect(encodeMlsMessage(message)).toEqual(bytes);
    expect(decodeOpenMessage(bytes.subarray(0, 4))).toEqual({ wireFormat: 0xf001, body: new Uint8Array() });
  });

  it("are refused by name where a known one is needed", () => {
    expect(() => decodeMlsMessage(bytes)).toThrow(
      expect.objectContaining({
        code: "ERR_MLS_UNSUPPORTED_WIRE_FORMAT",
        rule: "rfc06",
        details: { wireFormat: 0xf001 },
      }) as Error,
    );
  });
});
