const [BOOLEAN, INTEGER, BIT_STRING] = [1, 2, 3];

/** Nesting that no certificate needs. */
const MAX_DEPTH = 16;

/** One value with its tag: where it begins, where its content begins, and where it ends. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/**
 * One value in the only form that DER allows (X.690 §10.1): definite length, in the fewest octets, inside of `limit`.
 * @throws RangeError
 */
function elementAt(bytes: Uint8Array, start: number, limit: number): Element {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) {
    throw new RangeError("no DER value");
  }
  let length = first;
  let content = start + 2;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    length = 0;
    for (let i = 0; i < octets && i < 4; i++) {
      length = length * 256 + (bytes[content + i] ?? 0);
    }
    content += octets;
    if (octets === 0 || octets > 4 || length < 0x80 || length < 256 ** (octets - 1)) {
      throw new RangeError("a DER length in another form than the shortest");
    }
  }
  if (content + length > limit) {
    throw new RangeError("a DER value longer than what holds it");
  }
  return { tag, start, content, end: content + length };
}

function walk(bytes: Uint8Array, from: number, to: number, depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new RangeError("DER nested too deep");
  }
  for (let at = from; at < to;) {
    const { tag, content, end } = elementAt(bytes, at, to);
    if ((tag & 0x20) !== 0) {
      walk(bytes, content, end, depth + 1);
    } else {
      checkPrimitive(tag, bytes.subarray(content, end));
    }
    at = end;
  }
}

/** What DER asks of the types that have several forms in BER (X.690 §8.3.2, 11.1, 11.2). */
function checkPrimitive(tag: number, content: Uint8Array): void {
  const [first = -1, second = 0] = content;
  if (tag === BOOLEAN && (content.length !== 1 || (first !== 0 && first !== 0xff))) {
    throw new RangeError("a DER boolean of another form");
  }
  if (
    tag === INTEGER &&
    (first < 0 ||
      (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))))
  ) {
    throw new RangeError("a DER integer in another form than the shortest");
  }
  // The bit strings of a certificate are its key and its signature: whole octets. Those of extensions are not seen here.
  if (tag === BIT_STRING && first !== 0) {
    throw new RangeError("a bit string that is not of whole octets");
  }
}

/**
 * Whether bytes are one DER value and nothing else. Everybody must read the same in a certificate, so what BER allows
 * besides is refused. The cost grows with the length.
 * @throws RangeError
 */
export function checkDer(bytes: Uint8Array): void {
  if (elementAt(bytes, 0, bytes.length).end !== bytes.length) {
    throw new RangeError("bytes after a DER value");
  }
  walk(bytes, 0, bytes.length, 0);
}

/** The values inside of a constructed one, each with its tag and length; views. @throws RangeError */
export function derChildren(value: Uint8Array): Uint8Array[] {
  const children: Uint8Array[] = [];
  const { content, end } = elementAt(value, 0, value.length);
  for (let at = content; at < end;) {
    const child = elementAt(value, at, end);
    children.push(value.subarray(at, child.end));
    at = child.end;
  }
  return children;
}
