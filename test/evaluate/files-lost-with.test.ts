import { describe, expect, test } from 'vitest';
import { file3 } from '../../src/evaluate/controls/file-3.ts';
import { file4 } from '../../src/evaluate/controls/file-4.ts';
import { file10 } from '../../src/evaluate/controls/file-10.ts';
import type { Facts } from '../../src/model/facts.ts';
import { type FileCase, judgeStore } from './file-case.ts';

type Place = Partial<Facts['failure-domain']>;

const OWN_ACCOUNT = '111122223333';
const OTHER_ACCOUNT = '444455556666';

/** FILE-3, FILE-4 and FILE-10 of one store. */
function statuses(seen: FileCase): readonly string[] {
  return [file3, file4, file10].map((control) => judgeStore(control, seen).status);
}

describe('the loss of an account takes the bucket in it', () => {
  const policy = { loss: { level: 'account', name: OWN_ACCOUNT } } as const;
  const inAccount = (account: string | null, region: string | null = 'eu-west-1'): Place => ({
    host: null,
    account,
    region,
  });

  test.each<[string, Place, readonly string[]]>([
    ['another account', inAccount(OTHER_ACCOUNT, 'eu-central-1'), ['pass', 'pass', 'pass']],
    ['another region of the same account', inAccount(OWN_ACCOUNT), ['fail', 'fail', 'pass']],
    ['the same account and region', inAccount(OWN_ACCOUNT, 'eu-central-1'), ['fail', 'fail', 'fail']],
    ['a region of an account that nobody names', inAccount(null), ['unknown', 'unknown', 'pass']],
    ['a host of an account that nobody names', { host: 'backup-1' }, ['unknown', 'unknown', 'pass']],
  ])('with its backup sets in %s', (_, place, expected) => {
    expect(statuses({ policy, copies: [{}], setsDomain: [place] })).toEqual(expected);
  });

  test('whatever lock it has, and wherever its replica lies', () => {
    const replicated = { policy, copies: [], rules: [{}], replicas: [inAccount(OTHER_ACCOUNT)] };
    expect(statuses(replicated)).toEqual(['fail', 'fail', 'pass']);
    expect(judgeStore(file3, replicated).because).toContain('the bucket lies in the failure domain that is lost');
  });

  test('and leaves one in another account, whose replica may be lost with it', () => {
    const storeDomain = [inAccount(OTHER_ACCOUNT)];
    expect(statuses({ policy, storeDomain, copies: [] })).toEqual(['pass', 'not-applicable', 'fail']);
    const unlocked = { policy, storeDomain, copies: [], locks: [{ enabled: false }], rules: [{}] };
    expect(statuses({ ...unlocked, replicas: [inAccount(OWN_ACCOUNT)] })).toEqual(['fail', 'not-applicable', 'pass']);
    expect(statuses({ ...unlocked, replicas: [inAccount('777788889999')] })).toEqual([
      'pass',
      'not-applicable',
      'pass',
    ]);
  });
});

describe('the loss of a site takes every host in it', () => {
  const policy = { loss: { level: 'site', name: 'site-1' } } as const;
  const directory: FileCase = {
    policy,
    bindings: [{ kind: 'bundled', bucket: null, path: '/srv/acme' }],
    store: [{ kind: 'bundled' }],
    storeDomain: [{ host: 'install-1', site: 'site-1' }],
    versioning: 'blind',
    locks: 'blind',
    rules: 'blind',
    replicas: 'blind',
  };

  test.each<[string, Place, readonly string[]]>([
    ['another site', { host: 'backup-1', site: 'site-2' }, ['pass', 'pass', 'pass']],
    ['another host of the same site', { host: 'backup-1', site: 'SITE-1' }, ['fail', 'fail', 'pass']],
    ['the same host', { host: 'install-1', site: 'site-1' }, ['fail', 'fail', 'fail']],
    ['a host whose site nobody names', { host: 'backup-1' }, ['unknown', 'unknown', 'pass']],
  ])('with its backup sets on %s', (_, place, expected) => {
    expect(statuses({ ...directory, copies: [{}], setsDomain: [place] })).toEqual(expected);
  });

  test('and nobody knows whether a bucket is in it that only an account is told of', () => {
    expect(statuses({ policy, copies: [] })).toEqual(['fail', 'fail', 'fail']);
    expect(judgeStore(file3, { policy, copies: [] }).because).toContain('where the bucket stands is not known');
    const stated = [{ host: null, account: OWN_ACCOUNT, region: 'eu-central-1', site: 'site-2' }];
    expect(statuses({ policy, storeDomain: stated, copies: [] })).toEqual(['pass', 'not-applicable', 'fail']);
  });
});
