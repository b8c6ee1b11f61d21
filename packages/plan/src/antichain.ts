/** A vertex of a directed acyclic graph: what it weighs, and which vertices (by index) must come before it. */
export interface Weighed {
  readonly weight: number;
  readonly after: readonly number[];
}

/**
 * The heaviest set of vertices of which none must come before another: what may be going on at the same time at the worst moment of
 * any schedule. Exact, by the weighted form of Dilworth's theorem: the heaviest antichain weighs as much as the whole minus a
 * maximum flow, and is read off the minimum cut. Weights are whole numbers from 0; vertices without weight are left out.
 * Throws `RangeError` for a graph with a circle.
 */
export function heaviestAntichain(vertices: readonly Weighed[]): {
  readonly weight: number;
  readonly members: readonly number[];
} {
  demandAcyclic(vertices);
  const total = vertices.reduce((sum, { weight }) => sum + weight, 0);
  // A vertex is two nodes: leaving it (before others) and reaching it (after others). The edge back from reaching to leaving makes
  // every path through it count, so that the transitive closure need not be written out.
  const network = new Network(2 * vertices.length + 2);
  const source = 2 * vertices.length;
  const sink = source + 1;
  const leaving = (vertex: number) => 2 * vertex;
  const reaching = (vertex: number) => 2 * vertex + 1;
  for (const [index, { weight, after }] of vertices.entries()) {
    network.edge(source, leaving(index), weight);
    network.edge(reaching(index), sink, weight);
    network.edge(reaching(index), leaving(index), Number.POSITIVE_INFINITY);
    for (const earlier of new Set(after)) network.edge(leaving(earlier), reaching(index), Number.POSITIVE_INFINITY);
  }
  const flow = network.saturate(source, sink);
  const near = network.reachable(source);
  const members = [...vertices.keys()].filter(
    (vertex) => (vertices[vertex]?.weight ?? 0) > 0 && near.has(leaving(vertex)) && !near.has(reaching(vertex)),
  );
  return { weight: total - flow, members };
}

function demandAcyclic(vertices: readonly Weighed[]): void {
  const done = new Set<number>();
  for (let before = -1; done.size > before; ) {
    before = done.size;
    for (const [index, { after }] of vertices.entries()) if (after.every((each) => done.has(each))) done.add(index);
  }
  if (done.size < vertices.length) throw new RangeError('the graph has a circle');
}

interface Edge {
  readonly to: number;
  /** Index of the edge that runs the other way. */
  readonly back: number;
  capacity: number;
}

/** A flow network, filled by Dinic's algorithm: shortest paths first, all of one length at a time. */
class Network {
  readonly #edges: Edge[] = [];
  readonly #from: number[][];

  constructor(nodes: number) {
    this.#from = Array.from({ length: nodes }, () => []);
  }

  edge(from: number, to: number, capacity: number): void {
    const index = this.#edges.length;
    this.#edges.push({ to, back: index + 1, capacity }, { to: from, back: index, capacity: 0 });
    this.#from[from]?.push(index);
    this.#from[to]?.push(index + 1);
  }

  /** Sends as much as possible and says how much that was. */
  saturate(source: number, sink: number): number {
    let total = 0;
    for (;;) {
      const level = this.#levels(source);
      if (!level.has(sink)) return total;
      const next = this.#from.map(() => 0);
      for (let sent = this.#send(source, sink, Number.POSITIVE_INFINITY, level, next); sent > 0; ) {
        total += sent;
        sent = this.#send(source, sink, Number.POSITIVE_INFINITY, level, next);
      }
    }
  }

  /** The nodes to which something could still flow. */
  reachable(source: number): ReadonlySet<number> {
    return new Set(this.#levels(source).keys());
  }

  #levels(source: number): ReadonlyMap<number, number> {
    const level = new Map([[source, 0]]);
    const open = [source];
    for (const node of open) {
      for (const index of this.#from[node] ?? []) {
        const edge = this.#edges[index];
        if (edge === undefined || edge.capacity === 0 || level.has(edge.to)) continue;
        level.set(edge.to, (level.get(node) ?? 0) + 1);
        open.push(edge.to);
      }
    }
    return level;
  }

  /** Sends something along one shortest path. As deep as the longest chain of waves: a plan file cannot make it overflow. */
  #send(node: number, sink: number, limit: number, level: ReadonlyMap<number, number>, next: number[]): number {
    if (node === sink) return limit;
    const edges = this.#from[node] ?? [];
    for (let at = next[node] ?? 0; at < edges.length; at++) {
      next[node] = at;
      const edge = this.#edges[edges[at] ?? -1];
      if (edge === undefined || edge.capacity === 0 || level.get(edge.to) !== (level.get(node) ?? 0) + 1) continue;
      const sent = this.#send(edge.to, sink, Math.min(limit, edge.capacity), level, next);
      if (sent === 0) continue;
      edge.capacity -= sent;
      const back = this.#edges[edge.back];
      if (back !== undefined) back.capacity += sent;
      return sent;
    }
    next[node] = edges.length;
    return 0;
  }
}
