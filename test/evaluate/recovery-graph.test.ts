import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  obstacleOf,
  type RecoveryGraph,
  reachable,
  recoverable,
  takenFor,
  type Way,
} from '../../src/evaluate/recovery-graph.ts';

const way = (...needs: readonly string[]): Way => ({
  truth: 'holds',
  needs: needs.map((id) => ({ id, text: `to ${id}` })),
});
const graphOf = (nodes: Readonly<Record<string, readonly Way[]>>): RecoveryGraph => new Map(Object.entries(nodes));
const name = (index: number) => `n${String(index).padStart(2, '0')}`;

/** Every node has one way, which needs some of the nodes before it: no loop can be. */
const acyclic = fc
  .array(fc.array(fc.nat(1000), { maxLength: 3 }), { minLength: 2, maxLength: 20 })
  .map((lists) =>
    graphOf(
      Object.fromEntries(
        lists.map((needs, index) => [
          name(index),
          [way(...(index === 0 ? [] : needs.map((one) => name(one % index))))],
        ]),
      ),
    ),
  );

describe('any graph without a loop', () => {
  it('comes back whole, each after what it needs', () => {
    fc.assert(
      fc.property(acyclic, (graph) => {
        const order = recoverable(graph, 'as closed');
        expect([...order].sort()).toEqual([...graph.keys()].sort());
        for (const [index, id] of order.entries()) {
          const needs = graph.get(id)?.[0]?.needs ?? [];
          for (const need of needs) expect(order.indexOf(need.id)).toBeLessThan(index);
          expect(obstacleOf(graph, id, 'as closed')).toBeNull();
        }
      }),
    );
  });
});

describe('any loop planted in one', () => {
  const planted = fc
    .tuple(acyclic, fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 6 }))
    .map(([graph, picks]) => {
      const ids = [...graph.keys()];
      const loop = [...new Set(picks.map((pick) => ids[pick % ids.length] ?? ''))];
      const nodes = new Map(graph);
      for (const [index, id] of loop.entries()) {
        const next = loop[(index + 1) % loop.length] ?? id;
        const needs = (nodes.get(id)?.[0]?.needs ?? []).map((need) => need.id);
        nodes.set(id, [way(...needs, next)]);
      }
      return { graph: nodes, loop };
    });

  it('is found from each of its nodes, and from whatever leans on it', () => {
    fc.assert(
      fc.property(planted, ({ graph, loop }) => {
        const back = new Set(recoverable(graph, 'as open'));
        for (const id of loop) expect(back.has(id)).toBe(false);
        for (const id of graph.keys()) {
          const obstacle = obstacleOf(graph, id, 'as open');
          expect(obstacle === null).toBe(back.has(id));
          if (obstacle === null) continue;
          expect(obstacle.loop.length).toBeGreaterThan(0);
          // What is told is a loop indeed: each needs the next, and the last the first.
          for (const [index, from] of obstacle.loop.entries()) {
            const to = obstacle.loop[(index + 1) % obstacle.loop.length];
            expect(graph.get(from)?.[0]?.needs.map((need) => need.id)).toContain(to);
          }
        }
      }),
    );
  });

  it('is broken by any one of its nodes that outlives the loss, or has another way', () => {
    fc.assert(
      fc.property(planted, fc.nat(1000), ({ graph, loop }, pick) => {
        const nodes = new Map(graph);
        const id = loop[pick % loop.length] ?? '';
        nodes.set(id, [...(nodes.get(id) ?? []), way()]);
        expect(recoverable(nodes, 'as closed')).toContain(id);
      }),
    );
  });

  it('is told in the same words however the graph was put together', () => {
    fc.assert(
      fc.property(planted, ({ graph, loop }) => {
        const turned = new Map([...graph].reverse());
        const of = (one: RecoveryGraph) => obstacleOf(one, loop[0] ?? '', 'as open');
        expect(of(turned)).toEqual(of(graph));
        expect(recoverable(turned, 'as open')).toEqual(recoverable(graph, 'as open'));
      }),
    );
  });
});

it('of what nothing brings back, the end of the walk is told and no loop', () => {
  const graph = graphOf({ a: [way('b')], b: [way('c', 'gone')], c: [way()] });
  expect(obstacleOf(graph, 'a', 'as open')).toEqual({
    steps: ['to b', 'to gone'],
    loop: [],
    loopSteps: [],
    end: 'gone',
  });
  expect([...reachable(graph, ['a'])].sort()).toEqual(['a', 'b', 'c', 'gone']);
});

it('a way that may be there counts as it is asked', () => {
  const graph = graphOf({ a: [{ truth: 'unknown', needs: [] }], b: [way('a')], c: [{ truth: 'fails', needs: [] }] });
  expect(recoverable(graph, 'as open')).toEqual(['a', 'b']);
  expect(recoverable(graph, 'as closed')).toEqual([]);
});

it('of what could come next, the first by rank comes', () => {
  const graph = graphOf({ z: [way()], a: [way()], m: [way('z')] });
  expect(recoverable(graph, 'as open', (id) => (id === 'a' ? 2 : 1))).toEqual(['z', 'm', 'a']);
});

it('of several ways, the one that is open first is taken', () => {
  const graph = graphOf({ a: [way()], b: [way('a')], c: [way('b'), way('a')], d: [way('gone'), way('b')] });
  const order = recoverable(graph, 'as closed');
  expect([...takenFor(graph, order, ['c'], 'as closed')].sort()).toEqual(['a', 'c']);
  expect([...takenFor(graph, order, ['d', 'gone'], 'as closed')].sort()).toEqual(['a', 'b', 'd']);
});

it('a long chain is put into bounded words', () => {
  const nodes = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [name(index), [way(name(index + 1))]]));
  const obstacle = obstacleOf(graphOf({ ...nodes, [name(60)]: [way(name(0))] }), name(0), 'as open');
  expect(obstacle?.steps).toHaveLength(13);
  expect(obstacle?.steps.at(-1)).toBe('and 49 more steps');
});
