import { describe, expect, test } from 'vitest';
import { inv2 } from '../../../src/evaluate/controls/inv-2.ts';
import type { AnyEvidence } from '../../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../../src/model/facts.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import { ago, evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

type Items<K extends FactKind> = readonly Partial<Facts[K]>[] | 'blind';
interface Seen {
  readonly lists?: Items<'organization-list'>;
  readonly licenses?: Items<'license'>;
  readonly databases?: Items<'database-list'>;
  readonly more?: readonly AnyEvidence[];
}

function judgeLists({ lists = [{}], licenses = [{}], databases = [{}], more = [] }: Seen = {}) {
  const of = <K extends FactKind>(kind: K, items: Items<K>) =>
    items === 'blind' ? evidence(kind, INSTALL, [], { blind: true }) : evidence(kind, INSTALL, items);
  const records = [of('organization-list', lists), of('license', licenses), of('database-list', databases), ...more];
  return judge(inv2, node(INSTALL), scopeOf({ install: { evidence: records } }));
}

test('lists that agree pass', () => {
  const finding = judgeLists();
  expect(finding).toMatchObject({ status: 'pass', severity: 'high', bears: 'audit' });
  expect(finding.because).toContain('the license names the 1 organization there are');
});

describe('the license', () => {
  test('that leaves out an organization, or names one that is not there, is told by name', () => {
    expect(judgeLists({ licenses: [{ organizationsNotCovered: ['org_b'] }] }).because).toBe(
      'the license does not name 1 organization of the install: org_b',
    );
    expect(judgeLists({ licenses: [{ organizationsNotInstalled: ['org_gone'] }] })).toMatchObject({
      status: 'fail',
      because: 'the license names 1 organization that the install does not have: org_gone',
    });
  });

  test('that ran out says nothing beside one that is in force', () => {
    const old = { validUntil: ago(DAY), organizationsNotInstalled: ['org_gone'] };
    expect(judgeLists({ licenses: [old, {}] }).status).toBe('pass');
    expect(judgeLists({ licenses: [old] }).status).toBe('fail');
    const later = { validFrom: ago(-DAY), organizationsNotInstalled: ['org_new'] };
    expect(judgeLists({ licenses: [later, {}] }).status).toBe('pass');
  });

  test('of an older collection that did not look the other way is unknown', () => {
    expect(judgeLists({ licenses: [{ organizationsNotInstalled: undefined }] }).status).toBe('unknown');
  });

  test('that is not there, or could not be read, is unknown', () => {
    expect(judgeLists({ licenses: [] }).status).toBe('unknown');
    expect(judgeLists({ licenses: 'blind' }).status).toBe('unknown');
  });
});

describe('databases on the servers', () => {
  const orphan = { unrecorded: [{ name: 'tenant_left', is: 'orphan' as const }], orphans: 1 };

  test('that no organization is recorded with are named', () => {
    expect(judgeLists({ databases: [{}, orphan] })).toMatchObject({
      status: 'fail',
      because: 'db1:5432 has 1 database that no organization is recorded with: tenant_left',
    });
  });

  test('are named up to a number, and all are counted', () => {
    const unrecorded = Array.from({ length: 30 }, (_, at) => ({ name: `left_${at}`, is: 'orphan' as const }));
    expect(judgeLists({ databases: [{ unrecorded, orphans: 1200 }] }).because).toMatch(/left_19 and 1,180 more$/);
  });

  test('that may be recorded under another address are unknown', () => {
    const possible = { unrecorded: [{ name: 'tenant_x', is: 'possible' as const }], possible: 1 };
    expect(judgeLists({ databases: [possible] }).status).toBe('unknown');
    expect(judgeLists({ databases: [possible, orphan] }).status).toBe('fail');
  });

  test('that are recorded and not there are named, unless they may still be made', () => {
    const missing = (createdAt: string | null) => ({
      missing: [{ databaseName: 'tenant_lost', createdAt }],
      missingCount: 1,
    });
    expect(judgeLists({ databases: [missing(ago(30 * HOUR))] }).because).toBe(
      'db1:5432 does not have 1 database that is recorded on it: tenant_lost',
    );
    expect(judgeLists({ databases: [missing(null)] }).status).toBe('fail');
    expect(judgeLists({ databases: [missing(ago(HOUR))] }).status).toBe('pass');
  });

  test('of a server that did not answer are a blind spot, and hide no orphan elsewhere', () => {
    expect(judgeLists({ databases: 'blind' }).status).toBe('unknown');
    const more = [evidence('database-list', INSTALL, [], { blind: true, source: 'server db2' })];
    expect(judgeLists({ more }).status).toBe('unknown');
    expect(judgeLists({ databases: [orphan], more }).status).toBe('fail');
  });

  test('that nobody told are no pass', () => {
    expect(judgeLists({ databases: [] }).status).toBe('unknown');
  });
});

test('rows that name organizations which are not listed are a disagreement; history is none', () => {
  const rows = (dataset: string) => judgeLists({ lists: [{ rowsUnlisted: [{ dataset, rows: 2 }] }] });
  expect(rows('keyrings').because).toBe('2 rows of dataset keyrings belong to organizations that are not in the list');
  expect(rows('backup_runs').status).toBe('pass');
});
