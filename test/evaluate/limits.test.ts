import { expect, test } from 'vitest';
import { db3 } from '../../src/evaluate/controls/db-3.ts';
import { resolveLimit } from '../../src/evaluate/limits.ts';
import { LIMIT_KINDS, limitKindOf } from '../../src/model/limit-kinds.ts';
import { limitValue, type Policy, policySchema, verificationDays } from '../../src/model/policy.ts';
import { SUBJECT_KINDS } from '../../src/model/subject.ts';
import { copyOfAge, judgeDatabase } from './database-case.ts';
import { ACME, INSTALL_DATABASE, TENANT_DATABASE } from './fixture.ts';

const policyOf = (settings: object): Policy => policySchema.parse({ loss: { level: 'host', name: 'h' }, ...settings });
const ALL = {
  limits: { databaseRpoHours: 10 },
  kindLimits: { 'tenant-database': { databaseRpoHours: 6 } },
  organizationLimits: { [ACME]: { databaseRpoHours: 2 } },
};

test.each<[string, object, string, number]>([
  ['the organization’s own stands before all', ALL, `policy for organization ${ACME}`, 2],
  ['that of the kind before the install’s', { ...ALL, organizationLimits: {} }, 'policy for tenant-database', 6],
  ['the install’s before the default', { limits: ALL.limits }, 'policy', 10],
  ['of another kind nothing is taken', { kindLimits: { files: { databaseRpoHours: 6 } } }, 'default', 26],
  [
    'another threshold of the kind changes none',
    { kindLimits: { 'tenant-database': { retentionDays: 6 } } },
    'default',
    26,
  ],
])('%s', (_, settings, origin, value) => {
  const policy = policyOf(settings);
  expect(resolveLimit('databaseRpoHours', policy, TENANT_DATABASE)).toEqual({ value, text: `${value} h`, origin });
  expect(limitValue('databaseRpoHours', policy, TENANT_DATABASE)).toBe(value);
});

test('the install database has a kind of its own', () => {
  const policy = policyOf({ ...ALL, kindLimits: { 'install-database': { databaseRpoHours: 1 } } });
  expect(resolveLimit('databaseRpoHours', policy, INSTALL_DATABASE).origin).toBe('policy for install-database');
  expect(resolveLimit('databaseRpoHours', policyOf(ALL), INSTALL_DATABASE).origin).toBe('policy');
});

test('a finding is judged by the threshold of its kind and prints where that was set', () => {
  const judge = (settings: Partial<Policy>) =>
    judgeDatabase(db3, { copies: [copyOfAge(8)], runs: [], policy: settings });
  const { 'tenant-database': tenant } = ALL.kindLimits;
  expect(judge({ limits: ALL.limits })).toMatchObject({ status: 'pass', limit: { value: 10, origin: 'policy' } });
  expect(judge({ limits: ALL.limits, kindLimits: { 'tenant-database': tenant } })).toMatchObject({
    status: 'fail',
    limit: { value: 6, origin: 'policy for tenant-database' },
  });
});

test('every kind of subject is of one kind of asset, but the host', () => {
  const kinds = SUBJECT_KINDS.flatMap((kind) =>
    [ACME, null].map((organizationId) => limitKindOf({ kind, organizationId })),
  );
  expect(new Set(kinds)).toEqual(new Set([...LIMIT_KINDS, null]));
});

test('full readings count as long as the kind of the copy says, those of whole clusters as the shortest', () => {
  const policy = policyOf({
    limits: { verificationMaxAgeDays: 20 },
    kindLimits: { 'tenant-database': { verificationMaxAgeDays: 9 }, cluster: { verificationMaxAgeDays: 15 } },
  });
  expect(verificationDays(policy, TENANT_DATABASE)).toBe(9);
  expect(verificationDays(policy, INSTALL_DATABASE)).toBe(20);
  expect(verificationDays(policy, { kind: 'cluster', organizationId: null })).toBe(15);
  expect(verificationDays(policy, null)).toBe(9);
});

test('the age of evidence is a threshold of the whole install, and of no kind', () => {
  const found = policySchema.safeParse({
    loss: { level: 'host', name: 'h' },
    kindLimits: { files: { evidenceMaxAgeHours: 3 } },
  });
  expect(found.error?.issues[0]?.path).toEqual(['kindLimits', 'files']);
});
