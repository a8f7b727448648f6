import { expect, test } from 'vitest';
import { strongEnough } from '../../src/evaluate/strong-enough.ts';
import type { Observation } from '../../src/model/control.ts';
import type { Facts } from '../../src/model/facts.ts';
import { AS_OF, fact, ORGANIZATION, TENANT_DATABASE } from './fixture.ts';

const declared = { evidenceId: 'e', grade: 'declared', collectedAt: AS_OF } as const;
const copy = (changes: Partial<Facts['copy']>): Observation => ({
  ...declared,
  value: fact('copy', changes),
  subject: TENANT_DATABASE,
});
const files = (complete: boolean): Observation => ({
  ...declared,
  value: fact('file-copy', { complete }),
  subject: ORGANIZATION,
});
const graded = (...observations: Observation[]) => strongEnough({ observations, blindSpots: [] }, 'observed');

test('a copy that is declared to be incomplete is told and leaves nothing open, of a database or of files', () => {
  for (const incomplete of [copy({ integrity: 'incomplete' }), files(false)]) {
    expect(graded(incomplete)).toEqual({
      observations: [],
      blindSpots: [],
      setAside: '1 copy declared as incomplete, which counts for nothing',
    });
  }
});

test('any other that is only declared leaves open whether it is there', () => {
  const details = (...observations: Observation[]) =>
    graded(...observations).blindSpots.map(({ blindSpot }) => blindSpot.detail);
  expect(details(copy({ integrity: 'unproven' }))).toEqual(['only declared, not observed']);
  expect(details(files(true))).toEqual(['only declared, not observed']);
  expect(details(copy({ integrity: 'unproven', declaredComplete: true }))).toEqual([
    'only declared, not observed (declared as complete)',
  ]);
  const both = graded(copy({ integrity: 'unproven' }), copy({ integrity: 'incomplete' }));
  expect(both).toMatchObject({ blindSpots: [{}], setAside: expect.stringContaining('1 copy') });
});

test('what is seen as well as the need asks stays as it is', () => {
  const seen = { observations: [{ ...copy({ integrity: 'incomplete' }), grade: 'observed' as const }], blindSpots: [] };
  expect(strongEnough(seen, 'observed')).toBe(seen);
});
