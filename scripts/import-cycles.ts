// Import cycles: strongly connected components of the import graph of one package's shipped files.

/** For each file the files that it imports, values and types alike. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

interface Visit {
  readonly node: string;
  readonly edges: readonly string[];
  next: number;
}

/** Strongly connected components that hold a cycle, by Tarjan's algorithm without recursion. */
function cyclicComponents(graph: ImportGraph): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const components: string[][] = [];

  const enter = (node: string): Visit => {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    stack.push(node);
    onStack.add(node);
    return { node, edges: (graph.get(node) ?? []).filter((target) => graph.has(target)), next: 0 };
  };
  const lower = (node: string, to: number): void => {
    low.set(node, Math.min(low.get(node) ?? to, to));
  };
  const leave = ({ node, edges }: Visit): void => {
    if (low.get(node) !== order.get(node)) return;
    const component = stack.splice(stack.lastIndexOf(node));
    for (const member of component) onStack.delete(member);
    if (component.length > 1 || edges.includes(node)) components.push(component);
  };

  for (const root of graph.keys()) {
    if (order.has(root)) continue;
    const visits = [enter(root)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const target = visit.edges[visit.next++];
      if (target === undefined) {
        visits.pop();
        leave(visit);
        const parent = visits.at(-1);
        if (parent !== undefined) lower(parent.node, low.get(visit.node) ?? 0);
      } else if (!order.has(target)) visits.push(enter(target));
      else if (onStack.has(target)) lower(visit.node, order.get(target) ?? 0);
    }
  }
  return components;
}

/** A shortest way from `start` back to itself within `members`, `start` first and not repeated. */
function shortestCycle(graph: ImportGraph, start: string, members: ReadonlySet<string>): string[] {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const target of graph.get(node) ?? []) {
      if (target === start) {
        const path = [node];
        for (let at = node; at !== start;) path.unshift((at = cameFrom.get(at) ?? start));
        return path;
      }
      if (!members.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, node);
      queue.push(target);
    }
  }
  return [start];
}

/** One cycle of each strongly connected component, as short as that component has one from its first file. */
export function importCycles(graph: ImportGraph): string[][] {
  return cyclicComponents(graph)
    .map((component) => {
      const members = new Set(component);
      const cycles = [...component].sort().map((start) => shortestCycle(graph, start, members));
      return cycles.reduce((best, cycle) => (cycle.length < best.length ? cycle : best));
    })
    .sort((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));
}
