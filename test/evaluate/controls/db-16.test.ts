import { describe, expect, test } from 'vitest';
import { db16 } from '../../../src/evaluate/controls/db-16.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { copyOfAge, type DatabaseCase, judgeDatabase } from '../database-case.ts';
import { evidence, INSTALL_DATABASE, INSTALL_NODES, judge, LOCATION, node, scopeOf, subject } from '../fixture.ts';

const SECOND = subject('location', 'second');
type Domain = Partial<Facts['failure-domain']>;

function judgeIn(
  allowed: readonly string[] | null,
  domains: readonly Domain[],
  seen: DatabaseCase = {},
  second: readonly Domain[] = [],
) {
  return judgeDatabase(db16, {
    ...seen,
    organizations: [{ allowedRegions: allowed === null ? null : [...allowed] }],
    installNodes: [...INSTALL_NODES, node(SECOND)],
    installMore: [
      evidence('failure-domain', LOCATION, domains, { grade: 'declared' }),
      evidence('failure-domain', SECOND, second, { grade: 'declared' }),
    ],
  });
}

const HERE: Domain = { host: 'nas', region: 'eu-central-1' };

describe('where the organization states regions', () => {
  test('copies inside pass, without case', () => {
    const finding = judgeIn(['EU-Central-1', 'eu-west-1'], [HERE]);
    expect(finding).toMatchObject({ status: 'pass', grade: 'observed', severity: 'medium' });
    expect(finding.because).toBe('1 copy in region eu-central-1; allowed are EU-Central-1, eu-west-1');
  });

  test('one copy outside fails, wherever the others are', () => {
    const copies = [copyOfAge(16), copyOfAge(40, { location: 'second' })];
    const finding = judgeIn(['eu-central-1'], [HERE], { copies }, [{ region: 'us-east-1' }]);
    expect(finding.status).toBe('fail');
    expect(finding.because).toBe('tenant_acme-40h.dump in second lies in region us-east-1; allowed is eu-central-1');
  });

  test('what is stated of a location wins over what was observed', () => {
    const observed: Domain = { host: null, region: 'us-east-1', origin: 'observed' };
    expect(judgeIn(['eu-central-1'], [HERE, observed]).status).toBe('pass');
    expect(judgeIn(['eu-central-1'], [observed]).status).toBe('fail');
  });

  test('a copy that a service keeps is where its own name says', () => {
    const kept = { account: '111122223333', region: 'us-east-1' };
    expect(judgeIn(['eu-central-1'], [HERE], { copies: [copyOfAge(16, { kept })] }).status).toBe('fail');
  });

  test('a location without region is unknown, and the finding says what to state', () => {
    const finding = judgeIn(['eu-central-1'], [{ host: 'nas' }]);
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('the region of location dumps is not known');
  });

  test('a copy that may be of another database of the same name is unknown', () => {
    const copies = [copyOfAge(16, { sameNameDatabases: 2 })];
    expect(judgeIn(['us-east-1'], [HERE], { copies }).status).toBe('unknown');
  });
});

test('no stated regions are no pass', () => {
  expect(judgeIn(null, [HERE])).toMatchObject({
    status: 'unknown',
    because: expect.stringContaining('no allowed regions'),
  });
  expect(judgeIn([], [HERE]).status).toBe('unknown');
});

test('without a copy there is nothing to ask; a copy that could not be looked for is unknown', () => {
  expect(judgeIn(['eu-central-1'], [HERE], { copies: [] }).status).toBe('not-applicable');
  expect(judgeIn(['eu-central-1'], [HERE], { copies: 'blind' }).status).toBe('unknown');
});

test('the install database belongs to no organization', () => {
  const scope = scopeOf({ install: { evidence: [evidence('copy', INSTALL_DATABASE, [{}])] } });
  expect(judge(db16, node(INSTALL_DATABASE), scope)).toMatchObject({
    status: 'not-applicable',
    because: 'it belongs to no organization whose regions could bind it',
  });
});
