/**
 * Who holds a key. Nearly always that is one node, which stands for itself; while the changes of a commit are applied
 * and not yet judged, several may hold the same.
 */
export type Holders = number | { readonly holder: number; readonly others: Holders };

/** With one holder more, in constant time. */
export function withHolder(holders: Holders | undefined, holder: number): Holders {
  return holders === undefined ? holder : { holder, others: holders };
}

/** Without a holder, or `undefined` if there was no other. */
export function withoutHolder(holders: Holders | undefined, holder: number): Holders | undefined {
  if (typeof holders !== "object") {
    return holders === holder ? undefined : holders;
  }
  let rest: Holders | undefined;
  let dropped = false;
  for (const other of all(holders)) {
    if (!dropped && other === holder) {
      dropped = true;
    } else {
      rest = withHolder(rest, other);
    }
  }
  return rest;
}

/** A holder that is not this one. */
export function otherThan(holders: Holders | undefined, holder: number | undefined): number | undefined {
  if (typeof holders !== "object") {
    return holders === holder ? undefined : holders;
  }
  for (const other of all(holders)) {
    if (other !== holder) {
      return other;
    }
  }
  return undefined;
}

function* all(holders: Holders | undefined): Generator<number> {
  let left = holders;
  while (left !== undefined) {
    yield typeof left === "number" ? left : left.holder;
    left = typeof left === "number" ? undefined : left.others;
  }
}
