import { describe, expect, test } from 'vitest';
import { file6 } from '../../../src/evaluate/controls/file-6.ts';
import { judgeStore } from '../file-case.ts';

const EXPIRING = { ruleId: 'tmp', noncurrentDays: null, expiresAfterDays: 30 };

describe('FILE-6', () => {
  test('passes without rules, and tells what harmless ones do', () => {
    expect(judgeStore(file6)).toMatchObject({ status: 'pass', because: 'it has no lifecycle rules' });
    const finding = judgeStore(file6, { lifecycle: [{ noncurrentDays: 30 }] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('deletes old versions 30 days after');
  });

  test('fails where a rule deletes live files, whatever was counted', () => {
    const finding = judgeStore(file6, { lifecycle: [{}, EXPIRING], listed: 'blind' });
    expect(finding).toMatchObject({
      status: 'fail',
      because: 'lifecycle rule tmp deletes every file 30 days after it was written',
    });
  });

  test('is judged for the prefix of the binding', () => {
    const bindings = [{ prefix: 'acme/' }];
    const elsewhere = judgeStore(file6, { bindings, lifecycle: [{ ...EXPIRING, prefix: 'globex/' }] });
    expect(elsewhere.status).toBe('pass');
    expect(judgeStore(file6, { bindings, lifecycle: [{ ...EXPIRING, prefix: 'acme/' }] }).status).toBe('fail');
  });

  test('counts what the database lists below a prefix inside the store', () => {
    const lifecycle = [{ ...EXPIRING, prefix: 'tmp/' }];
    expect(judgeStore(file6, { lifecycle }).status).toBe('unknown');
    expect(judgeStore(file6, { lifecycle, listed: 'blind' }).status).toBe('unknown');
    expect(judgeStore(file6, { lifecycle, listed: [{ prefix: 'tmp/', count: 0 }] }).status).toBe('pass');
    const used = judgeStore(file6, { lifecycle, listed: [{ prefix: 'tmp/', count: 7 }] });
    expect(used).toMatchObject({
      status: 'fail',
      because: expect.stringContaining('where the database lists 7 files'),
    });
  });

  test('is unknown where it depends on tags, or the rules did not answer', () => {
    expect(judgeStore(file6, { lifecycle: [{ ...EXPIRING, byTag: true }] }).status).toBe('unknown');
    const blind = judgeStore(file6, { lifecycle: 'blind' });
    expect(blind.status).toBe('unknown');
    expect(blind.remediation).not.toContain('set Status to Disabled');
  });

  test('does not apply to directories, and is unknown without a binding', () => {
    const bindings = [{ kind: 'local_filesystem_dedicated', path: '/srv/acme' }];
    expect(judgeStore(file6, { bindings, lifecycle: 'blind' })).toMatchObject({
      status: 'not-applicable',
      because: 'a directory has no lifecycle rules',
    });
    expect(judgeStore(file6, { bindings: 'blind' }).status).toBe('unknown');
  });
});
