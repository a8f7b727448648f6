import { describe, expect, it } from 'vitest';
import { db2 } from '../../src/evaluate/controls/db-2.ts';
import { db15 } from '../../src/evaluate/controls/db-15.ts';
import { blockedKey, keysSurvive, lostKey, untoldKey } from '../../src/evaluate/copy-keys.ts';
import type { Facts } from '../../src/model/facts.ts';
import { DAY } from '../../src/model/instant.ts';
import type { Loss } from '../../src/model/policy.ts';
import { copyOfAge, judgeDatabase } from './database-case.ts';
import { AS_OF, ago, fact } from './fixture.ts';
import { judgeRecovery, type RecoveryCase } from './recovery-case.ts';

type CopyKey = NonNullable<NonNullable<Facts['copy']['kept']>['keys']>[number];

const ACCOUNT = '111122223333';
const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1`;

function kept(...keys: readonly Partial<CopyKey>[]): Pick<Facts['copy'], 'encrypted' | 'kept'> {
  const all = keys.map((key): CopyKey => ({ key: KEY, state: 'enabled', deletionDate: null, because: null, ...key }));
  return { encrypted: true, kept: { account: ACCOUNT, region: 'eu-central-1', keys: all } };
}
const copy = (...keys: readonly Partial<CopyKey>[]) => fact('copy', kept(...keys));

describe('the key of a copy that a service keeps', () => {
  it.each<readonly [string, Facts['copy'], 'lost' | 'blocked' | 'untold' | 'usable']>([
    ['enabled', copy({}), 'usable'],
    ['none that is named', fact('copy', { encrypted: true, kept: { account: ACCOUNT, region: null } }), 'usable'],
    ['of a file', fact('copy', { encrypted: true }), 'usable'],
    ['missing', copy({ state: 'missing' }), 'lost'],
    ['one of two missing', copy({}, { key: 'other', state: 'missing' }), 'lost'],
    ['deleted meanwhile', copy({ state: 'pending-deletion', deletionDate: ago(DAY) }), 'lost'],
    ['to be deleted', copy({ state: 'pending-deletion', deletionDate: ago(-DAY) }), 'blocked'],
    ['to be deleted some day', copy({ state: 'pending-deletion' }), 'blocked'],
    ['disabled', copy({ state: 'disabled' }), 'blocked'],
    ['without its material', copy({ state: 'pending-import' }), 'blocked'],
    ['in another state', copy({ state: 'unavailable', because: 'Creating' }), 'blocked'],
    ['not told', copy({ state: null, because: 'access denied' }), 'untold'],
  ])('%s', (_, value, is) => {
    const found = [
      ...(lostKey(value, AS_OF) === null ? [] : ['lost']),
      ...(lostKey(value, AS_OF) === null && blockedKey(value) !== null ? ['blocked'] : []),
      ...(untoldKey(value) === null ? [] : ['untold']),
    ];
    expect(found).toEqual(is === 'usable' ? [] : [is]);
  });

  it('outlives the loss with its copy, unless it is of another account', () => {
    const host: Loss = { level: 'host', name: 'install-1' };
    const account = (name: string): Loss => ({ level: 'account', name });
    const site: Loss = { level: 'site', name: 'site-1' };
    const foreign = copy({ key: 'arn:aws:kms:eu-central-1:444455556666:key/1' });
    expect([host, account(ACCOUNT), site].map((loss) => keysSurvive(copy({}), loss))).toEqual(Array(3).fill('holds'));
    expect(keysSurvive(foreign, account('444455556666'))).toBe('fails');
    expect(keysSurvive(foreign, account(ACCOUNT))).toBe('holds');
    expect(keysSurvive(foreign, host)).toBe('holds');
    expect(keysSurvive(copy({ key: 'alias/acme' }), account(ACCOUNT))).toBe('holds');
  });
});

describe('controls', () => {
  const judge15 = (...keys: readonly Partial<CopyKey>[]) =>
    judgeDatabase(db15, { copies: [copyOfAge(16, kept(...keys))] });

  it('DB-15 passes, fails and is unknown by what the key of the newest copy is', () => {
    expect(judge15({}).status).toBe('pass');
    const deletionDate = '2026-12-01T00:00:00.000Z';
    const pending = judge15({ state: 'pending-deletion', deletionDate });
    expect(pending.status).toBe('fail');
    expect(pending.because).toContain(
      `the key that it is encrypted with (${KEY}) will be deleted on 2026-12-01 00:00 UTC, and the copy can never be restored after that`,
    );
    expect(judge15({ state: 'disabled' }).because).toContain('is disabled; enabling it lets the copy be restored');
    const untold = judge15({ state: null, because: 'access denied' });
    expect(untold.status).toBe('unknown');
    expect(untold.remediation).toContain('allow kms:DescribeKey');
  });

  it('a copy whose key is gone counts for nothing, and an older one with another key serves', () => {
    const gone = copyOfAge(16, kept({ state: 'missing' }));
    for (const control of [db2, db15]) {
      const finding = judgeDatabase(control, { copies: [gone] });
      expect(finding.status).toBe('fail');
      expect(finding.because).toContain('does not exist any more');
    }
    const older = copyOfAge(40, kept({}));
    expect(judgeDatabase(db2, { copies: [gone, older] })).toMatchObject({ status: 'pass' });
    const named = judgeDatabase(db15, { copies: [gone, older] });
    expect(named.status).toBe('fail');
    expect(named.because).toContain('which is older, needs another');
  });
});

describe('REC-1', () => {
  const withKey = (key: Partial<CopyKey>, more: Partial<RecoveryCase> = {}) =>
    judgeRecovery({ copies: [kept(key)], ...more });

  it('leaves a copy whose key is blocked, and says what must be undone first', () => {
    expect(withKey({}).rec1.status).toBe('pass');
    const disabled = withKey({ state: 'disabled' });
    expect(disabled.broken).toEqual({});
    expect(disabled.rec1.because).toContain('is disabled; enabling it lets the copy be restored');
    expect(withKey({ state: null }).rec1.status).toBe('pass');
  });

  it('takes no copy whose key is gone', () => {
    expect(withKey({ state: 'missing' }).broken).toMatchObject({ 'tenant database': 'fails' });
  });

  it('takes no copy whose key is lost with its account, and one that is there with its own', () => {
    const account = '444455556666';
    const key = `arn:aws:kms:eu-central-1:${account}:key/1`;
    const elsewhere = [{ host: null, account: ACCOUNT }];
    const stands = { locationDomain: elsewhere, setsDomain: elsewhere, clusterDomain: [{ host: null, account }] };
    const policy = { loss: { level: 'account', name: account } } as const;
    const judged = withKey({ key }, { policy, ...stands });
    expect(judged.broken).toMatchObject({ 'tenant database': 'fails' });
    expect(judged.rec1.because).toContain('is encrypted with a key of another account or region, which is lost');
    expect(withKey({}, { policy, ...stands }).broken).not.toHaveProperty('tenant database');
  });
});
