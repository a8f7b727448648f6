import { describe, expect, test } from 'vitest';
import { db11 } from '../../../src/evaluate/controls/db-11.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { copyOfAge, type DatabaseCase, judgeDatabase } from '../database-case.ts';
import { ACME, evidence, INSTALL_NODES, LOCATION, node, subject } from '../fixture.ts';
import { clusterCopiesOfAge, ON_CLUSTER } from '../other-tools.ts';

const SECOND = subject('location', 'second');
type Domain = readonly Partial<Facts['failure-domain']>[] | 'blind';

interface Case extends DatabaseCase {
  readonly first?: Domain;
  readonly second?: Domain;
}

/** Two locations: `dumps` on backup-1 and `second` in an account of another region. */
function judge(seen: Case) {
  const { first = [{ host: 'backup-1' }], second = [ELSEWHERE] } = seen;
  const domain = (about: typeof LOCATION, facts: Domain) =>
    facts === 'blind'
      ? evidence('failure-domain', about, [], { blind: true })
      : evidence('failure-domain', about, facts, { grade: 'declared' });
  return judgeDatabase(db11, {
    ...seen,
    installNodes: [...INSTALL_NODES, node(SECOND)],
    installMore: [domain(LOCATION, first), domain(SECOND, second)],
  });
}

const ELSEWHERE = { host: null, account: '111122223333', region: 'eu-west-1' };
const here = (hours: number, changes: Partial<Facts['copy']> = {}) => copyOfAge(hours, changes);
const there = (hours: number, changes: Partial<Facts['copy']> = {}) =>
  copyOfAge(hours, { location: 'second', ...changes });

describe('two copies', () => {
  test('in failure domains of their own, outside the lost one', () => {
    const finding = judge({ copies: [here(16), there(16)] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toBe(
      'tenant_acme-16h.dump in dumps and tenant_acme-16h.dump in second lie in failure domains of their own, outside the lost one',
    );
    expect(finding.grade).toBe('observed');
  });

  test('that are one file under two names are one copy, whatever is stated', () => {
    const same = { host: null, sameFilesAs: 'dumps', origin: 'observed' } as const;
    const finding = judge({ copies: [here(16), there(16)], second: [ELSEWHERE, same] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('which share a failure domain');
    const mirrored = judge({
      copies: [here(16), there(16)],
      first: [{ host: 'backup-1' }, { ...same, sameFilesAs: 'second' }],
    });
    expect(mirrored.status).toBe('fail');
    const other = judge({ copies: [here(16), there(16)], second: [ELSEWHERE, { ...same, sameFilesAs: 'third' }] });
    expect(other.status).toBe('pass');
  });

  test('pass whatever plans say, where both are fresh', () => {
    expect(judge({ copies: [here(16), there(16)], installPlans: 'blind', ownPlans: 'blind' }).status).toBe('pass');
    expect(judge({ copies: [here(16), there(40)], installPlans: 'blind' }).status).toBe('unknown');
  });

  test('of which the second is at most one period behind', () => {
    const finding = judge({ copies: [here(16), there(50)] });
    expect(finding).toMatchObject({ status: 'pass', limit: { text: '26 h and one period of 24 h' } });
    const old = judge({ copies: [here(16), there(51)] });
    expect(old.status).toBe('fail');
    expect(old.because).toContain('only tenant_acme-16h.dump in dumps counts: tenant_acme-51h.dump in second is from');
  });

  test('of which the second is filled weekly', () => {
    const plans = [{}, { planId: 'offsite', schedule: '0 4 * * 0' }];
    expect(judge({ copies: [here(16), there(7 * 24)], installPlans: plans }).status).toBe('pass');
    expect(judge({ copies: [here(16), there(9 * 24)], installPlans: plans }).status).toBe('fail');
    expect(judge({ copies: [here(16), there(7 * 24)] }).status).toBe('fail');
  });

  test('on a schedule by which a weekend is one period', () => {
    const plans = [{ schedule: '0 2 * * 1-5' }];
    expect(judge({ copies: [here(16), there(90)], installPlans: plans }).status).toBe('pass');
    expect(judge({ copies: [here(16), there(90)] }).status).toBe('fail');
  });

  test('where no plan tells of a period, a day is one', () => {
    expect(judge({ copies: [here(16), there(49)], installPlans: [] }).status).toBe('pass');
  });
});

describe('one of the two', () => {
  test('is not there', () => {
    const finding = judge({ copies: [here(16)] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toBe('only tenant_acme-16h.dump in dumps counts, and no other place has a copy');
    expect(judge({ copies: [] }).because).toContain('no copy of it was found');
  });

  test('is in the same place: the same bytes twice in one domain are one copy', () => {
    expect(judge({ copies: [here(16), here(40)] }).status).toBe('fail');
    const finding = judge({ copies: [here(16), there(16)], second: [{ host: 'Backup-1' }] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toBe('copies lie in dumps and second, which share a failure domain');
  });

  test('lies in the domain that is lost', () => {
    const finding = judge({ copies: [here(16), there(16)], first: [{ host: 'install-1' }] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('tenant_acme-16h.dump in dumps lies in the failure domain that is lost');
  });

  test('is damaged, another database’s or may be', () => {
    expect(judge({ copies: [here(16), there(16, { integrity: 'incomplete' })] }).status).toBe('fail');
    expect(judge({ copies: [here(16), there(16, { nameAgrees: false, foundName: 'other' })] }).status).toBe('fail');
    expect(judge({ copies: [here(16), there(16, { integrity: 'unproven' })] }).status).toBe('unknown');
    expect(judge({ copies: [here(16), there(16, { moment: null })] }).status).toBe('unknown');
    expect(judge({ copies: [here(16), there(16, { integrity: 'incomplete' }), there(40)] }).status).toBe('pass');
  });
});

describe('a failure domain that is not stated', () => {
  test('names the line to add', () => {
    const finding = judge({ copies: [here(16), there(16)], second: [] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('state the failure domain of location second in the configuration');
  });

  test('of two sites outside the lost host says nothing about one another', () => {
    const site = { host: null, site: 'berlin', region: 'eu-central-1' };
    const finding = judge({ copies: [here(16), there(16)], first: [{ host: null, account: '1' }], second: [site] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('share a failure domain: state failureDomain of dumps and second');
  });

  test('changes nothing for a copy that does not count', () => {
    expect(judge({ copies: [here(16), there(16, { integrity: 'incomplete' })], second: [] }).status).toBe('fail');
    expect(judge({ copies: [here(16), there(16)], second: 'blind' }).status).toBe('unknown');
  });
});

test('replication alone is no backup', () => {
  const plans = [{}, { planId: 'standby', method: 'streaming replication', schedule: 'continuous' }];
  const finding = judge({ copies: [here(16)], installPlans: plans });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('replication (plan standby) is no copy');
});

test('the objective of one organization is its own', () => {
  const policy = { organizationLimits: { [ACME]: { databaseRpoHours: 4 } } };
  expect(judge({ copies: [here(16), there(27)], policy }).status).toBe('pass');
  expect(judge({ copies: [here(16), there(29)], policy }).status).toBe('fail');
});

test('is not asked of a new organization before its first copy is due; blind copies leave it open', () => {
  const young = [{ createdAt: copyOfAge(2).modifiedAt ?? '' }];
  expect(judge({ organizations: young, copies: [], runs: [] }).status).toBe('not-applicable');
  expect(judge({ copies: 'blind' }).status).toBe('unknown');
});

test('copies of several tools add up: a dump here and a copy of the whole cluster elsewhere', () => {
  const [dump, states] = [[here(16)], ON_CLUSTER];
  const ofCluster = clusterCopiesOfAge([20], 'second');
  expect(judge({ copies: dump, states }).status).toBe('fail');
  expect(judge({ copies: [], states, more: ofCluster }).status).toBe('fail');
  expect(judge({ copies: dump, states, more: ofCluster })).toMatchObject({
    status: 'pass',
    because:
      'tenant_acme-16h.dump in dumps and backup/main/20 in second lie in failure domains of their own, outside the lost one',
  });
  expect(judge({ copies: dump, states, more: clusterCopiesOfAge([20], 'dumps') }).status).toBe('fail');
});
