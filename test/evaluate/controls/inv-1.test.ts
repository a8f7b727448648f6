import { expect, test } from 'vitest';
import { inv1 } from '../../../src/evaluate/controls/inv-1.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

function found(list: Partial<Facts['organization-list']>, blind?: true) {
  return judge(
    inv1,
    node(INSTALL),
    scopeOf({ install: { evidence: [evidence('organization-list', INSTALL, [list], { blind })] } }),
  );
}

test('as many organizations read as counted', () => {
  expect(found({ counted: 1200, streamed: 1200 })).toMatchObject({
    status: 'pass',
    because: expect.stringContaining('1,200 organizations counted'),
  });
});

test('fewer read than counted is a gap that names both numbers', () => {
  const finding = found({ counted: 12, streamed: 11 });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('counts 12 organizations, 11 were read');
});

test('ids that differ only in case are a gap, also where the list broke off', () => {
  const twins = { counted: 2, streamed: 2, idsDifferingInCase: ['org_a'] };
  expect(found(twins).status).toBe('fail');
  expect(found(twins, true).status).toBe('fail');
});

test('an audit of nothing is not a pass', () => {
  expect(found({ counted: 0, streamed: 0 }).status).toBe('unknown');
});

test('a list that broke off, or was never read, is unknown', () => {
  expect(found({ counted: 12, streamed: 11 }, true).status).toBe('unknown');
  expect(judge(inv1, node(INSTALL), scopeOf({})).status).toBe('unknown');
});

test('databases, keys or storage of organizations that are not listed show that some may be missing', () => {
  const whole = { counted: 2, streamed: 2 };
  for (const dataset of ['tenant_databases', 'keyrings', 'storage_bindings']) {
    const finding = found({ ...whole, rowsUnlisted: [{ dataset, rows: 1200 }] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(`organizations may be missing from the list`);
    expect(finding.because).toContain(`1,200 rows of dataset ${dataset}`);
  }
  const mixed = [
    { dataset: 'backup_runs', rows: 7 },
    { dataset: 'keyrings', rows: 1 },
  ];
  expect(found({ ...whole, rowsUnlisted: mixed }).because).not.toContain('backup_runs');
  expect(found({ counted: 2, streamed: 1, rowsUnlisted: mixed }).status).toBe('fail');
});

test('runs and restore tests of organizations that are not listed are the history of deleted ones', () => {
  const rowsUnlisted = ['backup_runs', 'restore_validations'].map((dataset) => ({ dataset, rows: 7 }));
  expect(found({ counted: 2, streamed: 2, rowsUnlisted }).status).toBe('pass');
});
