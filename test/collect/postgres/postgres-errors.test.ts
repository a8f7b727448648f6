import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { toSourceError } from '../../../src/collect/postgres/postgres-errors.ts';
import { Secret } from '../../../src/model/secret.ts';

const settings = {
  host: 'db.example',
  port: 5432,
  database: 'novantra',
  user: 'Audit-or',
  password: new Secret('hunter2'),
};
const failed = { id: 'organizations', tables: ['novantra.organizations (organization_id)', 'novantra.regions'] };

function answered(code: string, message = 'the value "row data" is wrong') {
  const error = new DatabaseError(message, message.length, 'error');
  error.code = code;
  error.detail = 'Key (email)=(row data) exists';
  return toSourceError(error, settings, failed);
}

describe('toSourceError', () => {
  it.each([
    ['28P01', 'unauthorized'],
    ['28000', 'unauthorized'],
    ['42501', 'unauthorized'],
    ['3D000', 'unreachable'],
    ['53300', 'unreachable'],
    ['57P01', 'unreachable'],
    ['57P03', 'unreachable'],
    ['57P05', 'timeout'],
    ['57014', 'timeout'],
    ['55P03', 'timeout'],
    ['25P03', 'timeout'],
    ['42P01', 'malformed'],
    ['42703', 'malformed'],
    ['22P02', 'malformed'],
    ['42601', 'malformed'],
    ['25006', 'malformed'],
    ['XX001', 'unreachable'],
    ['58030', 'unreachable'],
  ])('SQLSTATE %s is %s, with a remedy and without row data', (code, reason) => {
    const error = answered(
      code,
      code === '42P01' || code === '42703' ? 'relation "artefacts" does not exist' : undefined,
    );
    expect(error).toMatchObject({
      reason,
      message: expect.stringMatching(/^db\.example:5432\/novantra, organizations: /),
      remedy: expect.stringMatching(/[.;]$/),
    });
    expect(`${error.message} ${error.remedy} ${String(error.cause)}`).not.toMatch(/row data|hunter2/);
  });

  it.each([
    ['permission denied for table organizations', 'Run: GRANT SELECT ON novantra.organizations TO "Audit-or";'],
    ['permission denied for view elsewhere', 'Run: GRANT SELECT ON elsewhere TO "Audit-or";'],
    ['permission denied for database "tenant"', 'Run: GRANT CONNECT ON DATABASE "tenant" TO "Audit-or";'],
    ['permission denied for schema novantra', 'Run: GRANT USAGE ON SCHEMA novantra TO "Audit-or";'],
    [
      'query would be affected by row-level security policy for table "organizations"',
      'Run: ALTER ROLE "Audit-or" BYPASSRLS;',
    ],
    [
      'keine Berechtigung für Tabelle organizations',
      'Grant "Audit-or" SELECT on every table that the mapping of dataset organizations reads.',
    ],
  ])('names the grant: %s', (message, remedy) => {
    expect(answered('42501', message)).toMatchObject({ remedy });
  });

  it('a database that accepts no connections is told from a statement that fails for its state', () => {
    const error = new DatabaseError('die Datenbank nimmt keine Verbindungen an', 30, 'error');
    error.code = '55000';
    expect(toSourceError(error, settings)).toMatchObject({
      reason: 'unreachable',
      message: 'db.example:5432/novantra: the database accepts no connections (SQLSTATE 55000)',
      remedy: expect.stringContaining('ALTER DATABASE "novantra" ALLOW_CONNECTIONS true;'),
    });
    expect(toSourceError(error, settings, failed)).toMatchObject({ reason: 'malformed' });
  });

  it('finds a name in the quotes of other languages', () => {
    expect(answered('42P01', 'Relation »artefacts« existiert nicht').message).toContain(
      'table artefacts does not exist',
    );
    expect(answered('42P01', 'la relation « artefacts » n’existe pas').message).toContain(
      'table artefacts does not exist',
    );
    expect(answered('42P01', 'no quotes').message).toContain('a table does not exist');
  });

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ETIMEDOUT'])(
    '%s is unreachable',
    (code) => {
      const error = toSourceError(Object.assign(new Error('connect'), { code }), settings);
      expect(error).toMatchObject({
        reason: 'unreachable',
        message: expect.stringMatching(/^db\.example:5432\/novantra: /),
      });
    },
  );
});
