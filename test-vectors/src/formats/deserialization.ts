import { Reader, Writer } from "../../../packages/mls-core/src/codec/index.ts";
import { hex, same, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

interface Deserialization {
  readonly vlbytes_header: string;
  readonly length: number;
}

/** The length before a vector (RFC 9420 §2.1.2). */
export const deserialization: VectorFormat<Deserialization> = {
  name: "deserialization",
  fileName: /deserialization/,
  keys: ["vlbytes_header", "length"],
  run: async ({ vlbytes_header, length }) => {
    const header = hex(vlbytes_header);
    // The reader compares a length with what remains; it is told of a body that nobody reads.
    const reader = new Reader(header, {}, 0, header.length + length);
    same("length", reader.varint(), length);
    same("what remains after the header", reader.remaining, length);
    const writer = new Writer(header.length);
    writer.varint(length);
    sameBytes("header of the length", writer.finish(), header);
  },
};
