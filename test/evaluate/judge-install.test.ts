import { expect, test } from 'vitest';
import { inv1 } from '../../src/evaluate/controls/inv-1.ts';
import { rec1 } from '../../src/evaluate/controls/rec-1.ts';
import { judgeInstall } from '../../src/evaluate/judge-install.ts';
import type { Facts } from '../../src/model/facts.ts';
import { AS_OF, evidence, INSTALL, policyOf } from './fixture.ts';
import { installEvidence, RECOVERY_NODES } from './recovery-case.ts';

/** What is said of an install whose own parts would all come back, from how its organizations were listed. */
function ownVerdict(list: Partial<Facts['organization-list']> | 'blind') {
  const record =
    list === 'blind'
      ? evidence('organization-list', INSTALL, [], { blind: true })
      : evidence('organization-list', INSTALL, [list]);
  const part = { type: 'install', subjects: RECOVERY_NODES, evidence: [...installEvidence(), record] } as const;
  const subjects = [...part.subjects];
  const whole = { type: part.type, subjects, evidence: [...part.evidence] };
  return judgeInstall([rec1, inv1], whole, policyOf(), AS_OF).own;
}

test('an install would come back where nothing was overlooked', () => {
  expect(ownVerdict({})).toMatchObject({ verdict: 'recoverable', weakestLink: null });
});

const OVERLOOKED: readonly [string, Partial<Facts['organization-list']> | 'blind'][] = [
  ['counted and not read', { counted: 3, streamed: 2 }],
  ['named by another dataset and not listed', { rowsUnlisted: [{ dataset: 'tenant_databases', rows: 1 }] }],
  ['not listed at all', 'blind'],
];

test.each(OVERLOOKED)('nobody can say so of one with organizations that were %s', (_, list) => {
  const own = ownVerdict(list);
  expect(own.verdict).toBe('unknown');
  expect(own.weakestLink?.sentence).toMatch(/^It is not known whether every organization was looked at: /u);
});
