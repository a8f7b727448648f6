import { describe, expect, it } from 'vitest';
import type { OrganizationSummary } from '../../../src/model/report.ts';
import { PLANES } from '../../../src/model/report.ts';
import { chainStateWord, shownPlane } from '../../../src/report/wording/words.ts';
import { sampleChapter } from '../sample-organizations.ts';

const OK = { host: 'ok', keys: 'ok', database: 'ok', files: 'ok', restore: 'ok' } as const;

function shown(changes: Partial<OrganizationSummary>) {
  const plain = { exclusion: null, firstCopyDue: null, planes: OK, statuses: {} };
  const summary = { ...sampleChapter(0, false).summary, ...plain, ...changes };
  return Object.fromEntries(PLANES.map((plane) => [plane, shownPlane(summary, plane)]));
}

describe('the cells of the planes', () => {
  it('show the state of each', () => {
    expect(shown({ planes: { ...OK, keys: 'gap', files: 'unknown' } })).toEqual({
      ...OK,
      keys: 'gap',
      files: 'unknown',
    });
  });

  it('do not say OK of a new organization whose first copy is awaited', () => {
    const firstCopyDue = '2026-11-23T07:15:00.000Z';
    expect(shown({ firstCopyDue, planes: { ...OK, database: 'not-applicable' } })).toEqual({
      ...OK,
      keys: 'due',
      database: 'due',
      files: 'due',
    });
    expect(shown({ firstCopyDue, planes: { ...OK, keys: 'gap' }, statuses: { 'FILE-3': 'pass' } })).toEqual({
      ...OK,
      keys: 'gap',
      database: 'due',
    });
  });

  it('say nothing of what is left out on purpose', () => {
    const exclusion = { reason: 'closed', approver: 'operations', expires: '2027-01-31' };
    expect(new Set(Object.values(shown({ exclusion })))).toEqual(new Set(['not-applicable']));
  });
});

it('the host’s step of the chain does not say OK beside lesser gaps', () => {
  const sentence = 'it is there; but no backup set holds it';
  expect(chainStateWord({ step: 'host', state: 'ok', sentence })).toBe('No serious gap');
  expect(chainStateWord({ step: 'files', state: 'ok', sentence: 'a copy' })).toBe('OK');
});
