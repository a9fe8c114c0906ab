import { wipe } from "./bytes.ts";
import { MlsError } from "./errors.ts";

/**
 * A box around secret bytes: prints, serialises and inspects as `[Secret]`, and can be wiped.
 * It owns the bytes it is given; pass a copy to keep your own.
 */
export class Secret {
  #bytes: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Length in bytes; 0 once wiped. */
  get length(): number {
    return this.#bytes?.length ?? 0;
  }

  /**
   * The live bytes, not a copy: do not keep or change them.
   * @throws MlsError `ERR_MLS_INTERNAL` after {@link wipe}
   */
  expose(): Uint8Array {
    if (this.#bytes === undefined) {
      throw new MlsError("ERR_MLS_INTERNAL", "secret used after it was wiped");
    }
    return this.#bytes;
  }

  /** A copy in a box of its own. */
  clone(): Secret {
    return new Secret(new Uint8Array(this.expose())); // a Buffer's slice() would be no copy
  }

  /** Overwrites the bytes with zeros. Harmless when repeated. */
  wipe(): void {
    wipe(this.#bytes);
    this.#bytes = undefined;
  }

  toJSON(): string {
    return "[Secret]";
  }

  toString(): string {
    return "[Secret]";
  }

  static {
    // What Node.js and its relatives call to print a value. As a method it would need a computed name, which
    // isolatedDeclarations refuses.
    Object.defineProperty(Secret.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value: (): string => "[Secret]",
    });
  }
}
