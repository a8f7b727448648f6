import type { PhysicalCopy } from './physical-copy.ts';

/** A chain of more links is no work of backup tools; what it names beyond was never read. */
const MOST_LINKS = 2000;

/** Most tools name the whole chain; incremental base backups name only the one before. */
export function allNeeded(copy: PhysicalCopy, byLabel: ReadonlyMap<string, PhysicalCopy>): readonly string[] {
  const all = new Set(copy.needs);
  // What is added on the way is gone through as well.
  for (const label of all) {
    if (all.size > MOST_LINKS) return [...all, `more than ${MOST_LINKS} others`];
    for (const further of byLabel.get(label)?.needs ?? []) if (further !== copy.label) all.add(further);
  }
  return [...all];
}

/** Whether something is whole, and why. */
export type Settlement = readonly [PhysicalCopy['integrity'], string];
export const SOUND: Settlement = ['complete', ''];

/** The worst decides; where all are complete, the copy's own reason stands, and what it leans on is added. */
export function worst(settlements: readonly Settlement[]): Settlement {
  for (const state of ['incomplete', 'unproven'] as const) {
    const found = settlements.find(([integrity]) => integrity === state);
    if (found !== undefined) return found;
  }
  return [
    'complete',
    settlements
      .map(([, because]) => because)
      .filter((because) => because !== '')
      .join(', '),
  ];
}

/** What the copies that one builds on make of it; each is settled once, however many build on it. */
export function chainsOf(copies: readonly PhysicalCopy[]): (copy: PhysicalCopy) => Settlement {
  const byLabel = new Map(copies.map((copy) => [copy.label, copy]));
  const settled = new Map<string, Settlement | 'open'>();
  const linkOf = (label: string): Settlement => {
    const needed = byLabel.get(label);
    if (needed === undefined) return ['incomplete', `it builds on ${label}, which is not there`];
    if (needed.integrity === 'incomplete') {
      return ['incomplete', `it builds on ${label}, which is damaged: ${needed.integrityBecause}`];
    }
    if (needed.integrity === 'unproven') {
      return ['unproven', `it builds on ${label}, which is not proven: ${needed.integrityBecause}`];
    }
    return settledOf(label);
  };
  const settledOf = (label: string): Settlement => {
    const known = settled.get(label);
    return known === undefined || known === 'open' ? ['incomplete', 'it builds on itself in a circle'] : known;
  };
  const settle = (copy: PhysicalCopy): void => {
    const [integrity, because] = worst(copy.needs.map(linkOf));
    const all = integrity === 'complete' && copy.needs.length > 0;
    settled.set(copy.label, all ? ['complete', 'every copy it builds on is there'] : [integrity, because]);
  };
  /** By a list of its own and not by calling itself: what a catalogue names can be a chain of any length. */
  const settleAll = (first: PhysicalCopy): void => {
    const waiting = [first];
    for (let copy = waiting.at(-1); copy !== undefined; copy = waiting.at(-1)) {
      const state = settled.get(copy.label);
      if (state === undefined) {
        settled.set(copy.label, 'open');
        const needed = copy.needs.map((label) => byLabel.get(label));
        for (const one of needed) if (one !== undefined && settled.get(one.label) === undefined) waiting.push(one);
        continue;
      }
      waiting.pop();
      if (state === 'open') settle(copy);
    }
  };
  return (copy) => {
    settleAll(copy);
    return settledOf(copy.label);
  };
}
