import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import type { Facts } from '../../src/model/facts.ts';
import { ACME } from '../evaluate/fixture.ts';
import { judgeAll } from './judge-all.ts';
import { type Asked, recordsIn, type World, worlds } from './world.ts';

const runs = { numRuns: 150, seed: 20_261_122 };

/** The world with other copies of the tenant database. */
function withTenantCopies(world: World, change: (copies: readonly Facts['copy'][]) => readonly Facts['copy'][]): World {
  const asked = world.asked.map((one): Asked => {
    const { kind, subject } = one.question;
    if (kind !== 'copy' || subject.organizationId !== ACME) return one;
    const copies = [...one.items, ...one.extras] as readonly Facts['copy'][];
    return { ...one, items: change(copies) };
  });
  return { ...world, asked };
}

/** The same bytes, found to be of another database, or of another cluster, when they were opened. */
function foreign(copy: Facts['copy']): Facts['copy'] {
  const named = { ...copy, foundName: 'tenant_other', nameAgrees: false };
  const { physical } = copy;
  return physical === undefined
    ? named
    : { ...named, physical: { ...physical, systemIdentifier: '7300000000000000009' } };
}

/** Hygiene of the audit, such as a clock that agrees, vouches for no data. */
const VOUCHING = new Set(CONTROLS.filter((control) => control.bears !== 'audit').map((control) => control.id));

type Found = ReturnType<typeof judgeAll> extends ReadonlyMap<string, infer F> ? F : never;

function keysOf(world: World, is: (finding: Found) => boolean): ReadonlySet<string> {
  const findings = judgeAll(recordsIn(world), world.policy);
  const own = [...findings].filter(([key, { controlId }]) => key.includes(ACME) && VOUCHING.has(controlId));
  return new Set(own.filter(([, finding]) => is(finding)).map(([key]) => key));
}

function passing(world: World): ReadonlySet<string> {
  return keysOf(world, ({ status }) => status === 'pass');
}

/** Any artifact ends the time that a new organization has for its first copy: what is judged then, others may vouch for. */
function awaitingFirstCopy({ status, because }: Found): boolean {
  return status === 'not-applicable' && because.includes('first copy due');
}

describe('a tenant is never vouched for by the backup of another database', () => {
  test('artifacts that name another database inside let nothing pass that would not pass without them', () => {
    const gained = new Set<string>();
    fc.assert(
      fc.property(worlds, (world) => {
        const alone = withTenantCopies(world, () => []);
        const without = keysOf(alone, (finding) => finding.status === 'pass' || awaitingFirstCopy(finding));
        const withForeign = passing(withTenantCopies(world, (copies) => copies.map(foreign)));
        for (const key of withForeign) if (!without.has(key)) gained.add(key);
      }),
      runs,
    );
    expect([...gained]).toEqual([]);
  });

  test('copies of the install database let nothing of a tenant without copies pass', () => {
    const asksForCopies = CONTROLS.filter((control) => ['DB-2', 'DB-3'].includes(control.id)).map(({ id }) => id);
    expect(asksForCopies).toEqual(['DB-2', 'DB-3']);
    const passed = new Set<string>();
    fc.assert(
      fc.property(worlds, (world) => {
        for (const key of passing(withTenantCopies(world, () => []))) passed.add(key);
      }),
      runs,
    );
    expect([...passed].filter((key) => asksForCopies.some((id) => key.startsWith(`${id} database:`)))).toEqual([]);
    expect(passed.size).toBeGreaterThan(5);
  });

  test('the same artifacts naming the tenant database do let it pass, so the law bites', () => {
    let gained = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        const without = passing(withTenantCopies(world, () => []));
        gained += [...passing(withTenantCopies(world, (copies) => copies))].filter((key) => !without.has(key)).length;
      }),
      runs,
    );
    expect(gained).toBeGreaterThan(20);
  });
});
