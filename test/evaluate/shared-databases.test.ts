import { describe, expect, test } from 'vitest';
import { compareDatabases, createDatabaseSurvey } from '../../src/evaluate/shared-databases.ts';
import type { OrganizationPart } from '../../src/model/bundle.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { SubjectNode } from '../../src/model/subject.ts';
import { AS_OF, evidence, INSTALL_DATABASE, node, subject } from './fixture.ts';

type Row = Partial<Facts['tenant-database']>;
type Server = Partial<Facts['cluster']>;

/** db1 is the install database's server; db3 gave no answer. */
const SERVERS: readonly Server[] = [
  { host: 'db1', systemIdentifier: '71' },
  { host: 'db2', systemIdentifier: '72' },
  { host: 'alias-of-db2', systemIdentifier: '72' },
];

function partOf(index: number, rows: readonly Row[] | null): OrganizationPart {
  const id = `org_${index}`;
  const organization = subject('organization', id, id);
  const record =
    rows === null
      ? evidence('tenant-database', organization, [], { blind: true })
      : evidence('tenant-database', organization, rows);
  return { type: 'organization', organizationId: id, subjects: [node(organization)], evidence: [record] };
}

/** What comparing organizations, each with its rows (null: not read), says about each of them. */
function compared(...rows: readonly (readonly Row[] | null)[]) {
  const parts = rows.map((own, index) => partOf(index, own));
  const survey = createDatabaseSurvey();
  for (const [owner, part] of parts.entries()) survey.add(part, owner);
  const clusters = SERVERS.map((server) => evidence('cluster', subject('cluster', `${server.host}`), [server]));
  const installDatabase: SubjectNode = { subject: INSTALL_DATABASE, cluster: 'db1' };
  const comparison = compareDatabases(survey.finish(), { subjects: [installDatabase], evidence: clusters });
  return parts.map((part, owner) => {
    const { items, blindSpot } = comparison.evidenceAbout(part, owner, AS_OF);
    return { shared: items.length > 0, blind: blindSpot?.detail ?? null };
  });
}

const at = (host: string | null, databaseName = 'tenants', port: number | null = 5432): readonly Row[] => [
  { host, port, databaseName },
];
const OWN = { shared: false, blind: null };
const SHARED = { shared: true, blind: null };

describe('databases of one name', () => {
  test('at one address are one, for each organization that is recorded with it', () => {
    expect(compared(at('db2'), at('DB2', 'tenants', null), at('db2', 'other'))).toEqual([SHARED, SHARED, OWN]);
  });

  test('on the server of the install database are one, whether the row names it or not', () => {
    expect(compared(at(null), at('db1'))).toEqual([SHARED, SHARED]);
    expect(compared(at(null), at(null))).toEqual([SHARED, SHARED]);
  });

  test('on servers that told different identifiers are two', () => {
    expect(compared(at('db1'), at('db2'))).toEqual([OWN, OWN]);
  });

  test('at two addresses of one identifier may be one, or copies of one: that is not told', () => {
    for (const one of compared(at('db2'), at('alias-of-db2'))) {
      expect(one).toEqual({
        shared: false,
        blind: expect.stringContaining('whether the two addresses are one server'),
      });
    }
  });

  test('on a server that did not tell who it is may be any of that name, and none of another', () => {
    const [first, silent, other] = compared(at('db1'), at('db3'), at('db1', 'other'));
    expect(first?.blind).toContain('whether the two addresses are one server');
    expect(silent?.blind).toContain('whether the two addresses are one server');
    expect(other).toEqual(OWN);
    expect(compared(at('db3'), at('db3'))).toEqual([SHARED, SHARED]);
  });

  test('that one organization is recorded with twice is not shared', () => {
    expect(compared([...at('db3'), ...at('db4')], at('db1', 'other'))).toEqual([OWN, OWN]);
  });
});

test('rows that were not read blind their organization and the others, and hide no sharing that was seen', () => {
  const [first, second, unread] = compared(at('db1'), at('db1'), null);
  expect(first).toEqual({ shared: true, blind: expect.stringContaining('of other organizations are not all known') });
  expect(second).toEqual(first);
  expect(unread).toEqual({ shared: false, blind: expect.stringContaining('its tenant databases are not all known') });
});

test('no text tells which other organization it is, nor how many', () => {
  const rows = [at('db1'), at('db1'), at('db1'), at('db2')];
  const parts = rows.map((own, index) => partOf(index, own));
  const survey = createDatabaseSurvey();
  for (const [owner, part] of parts.entries()) survey.add(part, owner);
  const comparison = compareDatabases(survey.finish(), { subjects: [], evidence: [] });
  const [first] = parts;
  if (first === undefined) throw new Error('there is a first part');
  const record = comparison.evidenceAbout(first, 0, AS_OF);
  expect(record.items).toEqual([{ databaseName: 'tenants' }]);
  expect(JSON.stringify(record)).not.toMatch(/org_[123]|db2/);
});

describe('a database that bears the name of the install database', () => {
  const alone = (host: string | null) => compared(at(host, INSTALL_DATABASE.name))[0];

  test('is the install database on its server, whether the row names that or not', () => {
    expect([alone(null), alone('DB1')]).toEqual([SHARED, SHARED]);
  });

  test('is another one on a server of another identifier, and not told where that is not known', () => {
    expect(alone('db2')).toEqual(OWN);
    expect(alone('db3')).toEqual({ shared: false, blind: expect.stringContaining('name of the install database') });
  });
});
