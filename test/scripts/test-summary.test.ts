import { describe, expect, it } from 'vitest';
import type { TestRun } from '../../scripts/test-summary.ts';
import { summarizeTestRun } from '../../scripts/test-summary.ts';

const root = '/repository';
const good: TestRun = {
  checks: [{ title: 'types', passed: true }],
  outcome: { passed: 4, failed: 0, skipped: [] },
  vitestExitCode: 0,
  unavailable: [],
  servicesRequired: true,
};
const file = `${root}/test/vault.test.ts`;
const missingVault = { service: 'vault', reason: 'not built', testFile: file } as const;
const skipped = [{ file, test: 'Vault > seals', note: null }];

function lastLine(run: TestRun): string | undefined {
  return summarizeTestRun(root, run).lines.at(-1);
}

describe('summary of a test run', () => {
  it('counts static checks as tests', () => {
    expect(lastLine(good)).toBe('5 passed, 0 failed, 0 skipped');
    const checks = [...good.checks, { title: 'lint', passed: false }];
    expect(lastLine({ ...good, checks })).toBe('5 passed, 1 failed, 0 skipped');
    expect(summarizeTestRun(root, { ...good, checks }).failed).toBe(1);
  });

  it('fails a run without any test, or without an outcome', () => {
    expect(summarizeTestRun(root, { ...good, outcome: null }).failed).toBe(1);
    expect(summarizeTestRun(root, { ...good, outcome: { passed: 0, failed: 0, skipped } }).failed).toBe(1);
  });

  it('fails when vitest fails for a reason that it does not count', () => {
    expect(summarizeTestRun(root, { ...good, vitestExitCode: 1 }).failed).toBe(1);
    const outcome = { passed: 4, failed: 2, skipped: [] };
    expect(summarizeTestRun(root, { ...good, outcome, vitestExitCode: 1 }).failed).toBe(2);
  });

  it('lists every skip with the note of the test, else the missing services of its file', () => {
    const noted = { file, test: 'Vault > noted', note: 'needs two hosts' };
    const elsewhere = { file: `${root}/test/other.test.ts`, test: 'other', note: null };
    const outcome = { ...good.outcome, passed: 4, failed: 0, skipped: [...skipped, noted, elsewhere] };
    const { lines } = summarizeTestRun(root, { ...good, outcome, unavailable: [missingVault, missingVault] });
    const listed = lines.filter((line) => line.startsWith('!!!   ')).map((line) => line.slice(4).trim());
    expect(listed).toEqual([
      'test/vault.test.ts > Vault > seals',
      'vault: not built',
      'test/vault.test.ts > Vault > noted',
      'needs two hosts',
      'test/other.test.ts > other',
      'no reason given',
    ]);
  });

  it('fails for a missing service exactly when services are required', () => {
    const outcome = { passed: 4, failed: 0, skipped };
    const run: TestRun = { ...good, outcome, unavailable: [missingVault, missingVault] };
    expect(lastLine(run)).toBe('5 passed, 1 failed, 1 skipped');
    expect(lastLine({ ...run, servicesRequired: false })).toBe('5 passed, 0 failed, 1 skipped');
  });

  it('counts and lists a skip for want of what no machine can have, and does not fail for it', () => {
    const outcome = { passed: 4, failed: 0, skipped };
    const azure = { service: 'azure', reason: 'no credentials of a real vault', testFile: file } as const;
    const { lines, failed } = summarizeTestRun(root, { ...good, outcome, unavailable: [azure] });
    expect(failed).toBe(0);
    expect(lines.at(-1)).toBe('5 passed, 0 failed, 1 skipped');
    expect(lines.join('\n')).toContain('azure: no credentials of a real vault');
  });
});
