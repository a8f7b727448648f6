import { describe, expect, test } from 'vitest';
import { file9 } from '../../../src/evaluate/controls/file-9.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import { type FileCase, judgeOrganization } from '../file-case.ts';
import { ago } from '../fixture.ts';

const ACTIVE = { activatedAt: ago(10 * DAY) };
const OLD = { bindingId: 'binding-old', state: 'inactive', activatedAt: ago(500 * DAY) };
const CHANGED = { bindings: [ACTIVE, OLD] } as const;
const LOST = { account: null, region: null, host: 'install-1' };
const copy = (hours: number, changes: object = {}) => ({
  location: 'sets',
  copy: 'c',
  moment: ago(hours * HOUR),
  complete: true,
  present: true,
  because: 'its completion marker is there',
  ...changes,
});
const LEFT = [{ fromBefore: { drawn: 40, found: 30 } }];
const MOVED = [{ fromBefore: { drawn: 40, found: 40 } }];

function judged(seen: FileCase) {
  return judgeOrganization(file9, { ...CHANGED, ...seen });
}

describe('FILE-9 after a recent change', () => {
  test.each([
    ['the old bucket is there, outside the lost domain', { former: [{}] }],
    ['a backup set from after the change holds the old place', { former: [{ ...LOST, copies: [copy(9 * 24)] }] }],
    ['the files drawn from before it are in the new store', { former: [{ exists: false }], samples: MOVED }],
    [
      'all files are from after it',
      {
        former: [{ exists: false }],
        samples: [{ drawn: 6, found: 6, population: 6, fromBefore: { drawn: 0, found: 0 } }],
      },
    ],
  ])('passes where %s', (_, seen) => {
    expect(judged(seen).status).toBe('pass');
  });

  test('passes on the first day with the last copy from before it', () => {
    const bindings = [{ activatedAt: ago(5 * HOUR) }, OLD];
    const former = [{ ...LOST, changedAt: ago(5 * HOUR), copies: [copy(15)] }];
    expect(judged({ bindings, former, samples: LEFT }).status).toBe('pass');
  });

  test.each([
    ['gone', { exists: false }, 'is not there any more'],
    ['empty', { empty: true }, 'is empty'],
    ['on the lost host, in no backup set', LOST, 'would be lost, and no backup set that counts holds it'],
    ['on the lost host, copied before the change only', { ...LOST, copies: [copy(11 * 24)] }, 'the newest backup set'],
    ['on the lost host, in an unfinished set', { ...LOST, copies: [copy(2, { complete: false })] }, 'no backup set'],
  ])('fails where the old place is %s and files were left', (_, former, because) => {
    expect(judged({ former: [former], samples: LEFT })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining(because),
    });
  });

  test('is unknown where the old directory is empty, as that of a share which is not mounted', () => {
    const directory = { kind: 'local_filesystem_dedicated', empty: true };
    expect(judged({ former: [directory], samples: LEFT })).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('is an empty directory: it may be unmounted'),
    });
    expect(judged({ former: [directory], samples: MOVED }).status).toBe('pass');
    expect(judged({ former: [{ ...directory, copies: [copy(9 * 24)] }], samples: LEFT }).status).toBe('pass');
  });

  test('is unknown where nobody looked at the old place, or for files from before', () => {
    expect(judged({ former: [], samples: LEFT }).status).toBe('unknown');
    expect(judged({ former: 'blind', samples: LEFT }).status).toBe('unknown');
    expect(judged({ former: [{ exists: false }], samples: [{}] }).status).toBe('unknown');
    expect(judged({ former: [{ ...LOST, host: null }], samples: LEFT }).status).toBe('unknown');
    expect(judged({ bindings: [{ activatedAt: null }, OLD] }).status).toBe('unknown');
    expect(judged({ bindings: 'blind' }).status).toBe('unknown');
  });
});

test('FILE-9 does not apply without a change, or long after it', () => {
  expect(judged({ bindings: [{}] })).toMatchObject({
    status: 'not-applicable',
    because: expect.stringContaining('never changed, as far as its rows tell: one whose row was written anew in place'),
  });
  const long = judged({ bindings: [{}, OLD] });
  expect(long).toMatchObject({ status: 'not-applicable', because: expect.stringContaining('longer ago than 30 days') });
  expect(judged({ bindings: [OLD] })).toMatchObject({ status: 'not-applicable' });
});
