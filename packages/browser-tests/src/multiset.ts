/** What one list has and the other has not, each as often as that is so. */
export function differences(
  found: readonly string[],
  expected: readonly string[],
): { readonly missing: readonly string[]; readonly unexpected: readonly string[] } {
  const counts = new Map<string, number>();
  for (const each of expected) {
    counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  const unexpected: string[] = [];
  for (const each of found) {
    const count = counts.get(each) ?? 0;
    if (count === 0) unexpected.push(each);
    else counts.set(each, count - 1);
  }
  const missing = [...counts].flatMap(([each, count]) => Array.from({ length: count }, () => each));
  return { missing, unexpected };
}
