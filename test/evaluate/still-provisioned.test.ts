import { describe, expect, test } from 'vitest';
import { file1 } from '../../src/evaluate/controls/file-1.ts';
import { file3 } from '../../src/evaluate/controls/file-3.ts';
import { key2 } from '../../src/evaluate/controls/key-2.ts';
import { key3 } from '../../src/evaluate/controls/key-3.ts';
import { key5 } from '../../src/evaluate/controls/key-5.ts';
import { key13 } from '../../src/evaluate/controls/key-13.ts';
import { HOUR } from '../../src/model/instant.ts';
import { judgeOrganization, judgeStore } from './file-case.ts';
import { ago } from './fixture.ts';
import { judgeKeyring } from './key-case.ts';

const created = (hours: number, state = 'provisioning') => ({
  organizations: [{ state, createdAt: ago(hours * HOUR) }],
});

describe('an organization that is being provisioned', () => {
  test.each([key2, key3, key5, key13])('is asked for no key before it has a keyring: $id', (control) => {
    const nothing = { keyrings: [], key: 'blind', records: 'blind' } as const;
    expect(judgeKeyring(control, { ...created(1), ...nothing })).toMatchObject({
      status: 'not-applicable',
      because: expect.stringContaining('it has no keyring yet and is still being provisioned'),
    });
    expect(judgeKeyring(control, { ...created(30), ...nothing }).status).toBe('unknown');
    expect(judgeKeyring(control, { ...created(1, 'active'), ...nothing }).status).toBe('unknown');
    expect(judgeKeyring(control, { ...created(-30), ...nothing }).status).toBe('unknown');
    expect(judgeKeyring(control, { ...created(1), ...nothing, keyrings: 'blind' }).status).toBe('unknown');
  });

  test('is judged by the keyring that it has', () => {
    expect(judgeKeyring(key2, { ...created(1), key: [{ state: 'missing' }] }).status).toBe('fail');
  });

  test('is asked for no files before it has a storage binding', () => {
    const nothing = { bindings: [], store: 'blind', copies: [] } as const;
    expect(judgeOrganization(file1, { ...created(1), ...nothing }).status).toBe('not-applicable');
    expect(judgeStore(file3, { ...created(1), ...nothing }).status).toBe('not-applicable');
    expect(judgeOrganization(file1, { ...created(30), ...nothing }).status).not.toBe('not-applicable');
    expect(judgeStore(file3, { ...created(30), ...nothing }).status).toBe('unknown');
  });
});
