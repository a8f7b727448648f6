import { expect, test } from 'vitest';
import { inv4 } from '../../../src/evaluate/controls/inv-4.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import { ago, evidence, judge, node, ORGANIZATION, scopeOf, subject, TENANT_DATABASE } from '../fixture.ts';

interface Sketch {
  readonly organization?: Partial<Facts['organization']>;
  readonly rows?: readonly Partial<Facts['tenant-database']>[];
  readonly exists?: boolean | null;
  readonly rowsBlind?: true;
  readonly overlaps?: readonly Partial<Facts['database-overlap']>[];
  readonly overlapsBlind?: true;
}

function found({ organization = {}, rows = [{}], exists = true, rowsBlind, overlaps = [], overlapsBlind }: Sketch) {
  const state =
    exists === null
      ? evidence('database-state', TENANT_DATABASE, [], { blind: true })
      : evidence('database-state', TENANT_DATABASE, [{ exists }]);
  return judge(
    inv4,
    node(ORGANIZATION),
    scopeOf({
      organization: {
        nodes: [node(ORGANIZATION), ...(rows.length > 0 ? [node(TENANT_DATABASE)] : [])],
        evidence: [
          evidence('organization', ORGANIZATION, [organization]),
          evidence('tenant-database', ORGANIZATION, rows, { blind: rowsBlind }),
          evidence('database-overlap', ORGANIZATION, overlaps, { blind: overlapsBlind }),
          ...(rows.length > 0 ? [state] : []),
        ],
      },
    }),
  );
}

test('one row whose database the server has', () => {
  const finding = found({});
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('tenant_acme on db1:5432');
});

test('no row is a gap; where the rows were not all read it is unknown', () => {
  expect(found({ rows: [] })).toMatchObject({ status: 'fail', because: expect.stringContaining('no tenant database') });
  expect(found({ rows: [], rowsBlind: true }).status).toBe('unknown');
});

test('a database that another organization is recorded with too is a gap; where that was not all seen it is unknown', () => {
  expect(found({ overlaps: [{}] })).toMatchObject({
    status: 'fail',
    because: 'the install database records tenant_acme for another organization as well',
  });
  expect(found({ overlaps: [{}], overlapsBlind: true, exists: null }).status).toBe('fail');
  expect(found({ overlapsBlind: true }).status).toBe('unknown');
});

test('the install database itself is nobody’s tenant database', () => {
  expect(found({ overlaps: [{ databaseName: 'novantra', of: 'install' }] })).toMatchObject({
    status: 'fail',
    because: 'novantra, which is recorded as its tenant database, is the install database itself',
  });
});

test('two rows are a gap, also where the server did not answer', () => {
  const rows = [{}, { databaseName: 'tenant_acme_old' }];
  expect(found({ rows }).status).toBe('fail');
  expect(found({ rows, exists: null }).because).toContain('2 tenant databases');
});

test('the same row from two sources is one database', () => {
  expect(found({ rows: [{}, {}] }).status).toBe('pass');
});

test('a server that answers without the database is a gap, one that does not answer is unknown', () => {
  expect(found({ exists: false })).toMatchObject({
    status: 'fail',
    because: 'its server answered and has no database tenant_acme',
  });
  expect(found({ exists: null }).status).toBe('unknown');
});

test('is not asked while provisioning is in time, and is afterwards', () => {
  const young = { state: 'provisioning', createdAt: ago(2 * HOUR) };
  expect(found({ organization: young, rows: [] }).status).toBe('not-applicable');
  expect(found({ organization: { ...young, createdAt: ago(30 * HOUR) }, rows: [] }).status).toBe('fail');
});

test('a creation in the future excuses no missing database', () => {
  const organization = { state: 'provisioning', createdAt: ago(-30 * DAY) };
  expect(found({ organization, rows: [] }).status).toBe('fail');
});

test('a suspended organization counts in full', () => {
  expect(found({ organization: { state: 'suspended' }, rows: [] }).status).toBe('fail');
});

test('another organization’s database does not stand in', () => {
  const other = subject('database', 'org_b/tenant_b', 'org_b');
  const scope = scopeOf({
    organization: {
      nodes: [node(ORGANIZATION)],
      evidence: [
        evidence('organization', ORGANIZATION, [{}]),
        evidence('tenant-database', ORGANIZATION, [{}]),
        evidence('database-state', other, [{ exists: true }]),
      ],
    },
  });
  expect(judge(inv4, node(ORGANIZATION), scope).status).toBe('unknown');
});
