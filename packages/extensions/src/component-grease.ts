import type { ObjectFacts } from "@openmls-ts/mls-core";

// draft-ietf-mls-extensions: 0x0A0A to 0x7A7A; from 0x8000 on component ids are for private use.
const FIRST = 0x0a0a;
const STEP = 0x1010;

/** Whether a component id is reserved so that nobody gets used to a fixed list. */
export function isComponentGrease(id: number): boolean {
  return id < 0x8000 && (id - FIRST) % STEP === 0;
}

/** The reserved component id that an object is to carry, made of the value that the core chose for it. */
export function componentGrease({ grease }: Pick<ObjectFacts, "grease">): number | undefined {
  return grease === undefined ? undefined : FIRST + STEP * ((grease >> 4) & 7);
}

/** As in a dictionary. */
interface Entry {
  readonly componentId: number;
  readonly data: Uint8Array;
}

/** Entries of a dictionary with one that receivers ignore; none where there are no others. */
export function withGreaseEntry(
  entries: readonly Entry[],
  facts: Pick<ObjectFacts, "grease">,
): readonly Entry[] {
  const componentId = componentGrease(facts);
  return componentId === undefined || entries.length === 0
    ? entries
    : [...entries, { componentId, data: new Uint8Array() }];
}
