import { describe, expect, test } from 'vitest';
import { db2 } from '../../../src/evaluate/controls/db-2.ts';
import { db3 } from '../../../src/evaluate/controls/db-3.ts';
import { db5 } from '../../../src/evaluate/controls/db-5.ts';
import { db6 } from '../../../src/evaluate/controls/db-6.ts';
import { db7 } from '../../../src/evaluate/controls/db-7.ts';
import { db8 } from '../../../src/evaluate/controls/db-8.ts';
import { db15 } from '../../../src/evaluate/controls/db-15.ts';
import { UNOPENED_FILES, UNREAD_METHOD } from '../../../src/model/evidence.ts';
import { HOUR } from '../../../src/model/instant.ts';
import { copyOfAge, type DatabaseCase, judgeDatabase, runOfAge } from '../database-case.ts';
import { ago, evidence, TENANT_DATABASE } from '../fixture.ts';

const JUDGED = [db6, db7, db8, db15];

/** As the collector tells of a file that nobody can look into. */
const CLOSED = {
  method: 'unknown',
  format: 'encrypted',
  encrypted: true,
  foundName: null,
  nameAgrees: null,
  databaseOid: null,
  tableOids: null,
  tableNames: null,
  tablesComplete: false,
  scope: 'unknown',
  moment: null,
  serverVersion: null,
  integrity: 'unproven',
  integrityBecause: 'it is a file encrypted with age, which cannot be looked into',
  readToEnd: false,
} as const;
const closed = (hours: number, changes: object = {}) =>
  copyOfAge(hours, { ...CLOSED, path: `tenant_acme-${hours}h.dump.age`, ...changes });
const statuses = (seen: DatabaseCase) => JUDGED.map((control) => judgeDatabase(control, seen).status);

describe('a copy that nobody can look into', () => {
  test('takes no good copy away, beside it or elsewhere, and is named', () => {
    for (const copies of [
      [copyOfAge(16), closed(2)],
      [copyOfAge(16), closed(30)],
      [copyOfAge(16), closed(2, { location: 'offsite' })],
    ]) {
      expect(statuses({ copies })).toEqual(['pass', 'pass', 'pass', 'pass']);
    }
    const copies = [copyOfAge(16), closed(2), closed(1, { location: 'offsite', method: 'unknown', encrypted: false })];
    for (const control of [db6, db7, db8]) {
      const { because } = judgeDatabase(control, { copies });
      expect(because, control.id).toContain('tenant_acme-2h.dump.age in dumps');
      expect(because, control.id).toContain('tenant_acme-1h.dump.age in offsite');
      expect(because, control.id).toContain('cannot be looked into');
    }
  });

  test('that is older than the good one in its location is not mentioned', () => {
    expect(judgeDatabase(db6, { copies: [copyOfAge(16), closed(30)] }).because).not.toContain('.age');
  });

  test('hides neither damage nor shrinking of what can be looked into', () => {
    const cut = { integrity: 'incomplete', integrityBecause: 'it breaks off' } as const;
    expect(judgeDatabase(db6, { copies: [closed(2), copyOfAge(16, cut), copyOfAge(40)] }).status).toBe('fail');
    const before = [40, 64, 88].map((hours) => copyOfAge(hours));
    const small = [closed(2), copyOfAge(16, { bytes: 1000 }), ...before];
    expect(judgeDatabase(db8, { copies: small }).status).toBe('fail');
    const shrunk = [copyOfAge(16), closed(2, { bytes: 10 }), ...[30, 50, 70].map((hours) => closed(hours))];
    expect(judgeDatabase(db8, { copies: shrunk }).status).toBe('fail');
  });

  test('proves nothing alone, and no recent moment', () => {
    expect(statuses({ copies: [closed(2)] })).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    expect(judgeDatabase(db3, { copies: [copyOfAge(100), closed(2)] }).status).toBe('unknown');
  });
});

describe('a plan whose copies cannot be read', () => {
  const unread = evidence('copy', TENANT_DATABASE, [], { blind: 'unsupported', operation: UNREAD_METHOD });

  test('leaves the copies judged that can be, and is told', () => {
    const seen = { copies: [copyOfAge(16)], more: [unread] };
    expect(statuses(seen)).toEqual(['pass', 'pass', 'pass', 'pass']);
    for (const control of JUDGED) expect(judgeDatabase(control, seen).because).toMatch(/[^;]; copy unsupported$/);
    expect(judgeDatabase(db8, seen).because.split('copy unsupported')).toHaveLength(2);
    const cut = copyOfAge(16, { integrity: 'incomplete' });
    expect(judgeDatabase(db6, { copies: [cut], more: [unread] }).status).toBe('fail');
  });

  test('leaves unknown whether there is a copy where none was seen', () => {
    expect(statuses({ copies: [], more: [unread] })).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    expect(judgeDatabase(db3, { copies: [copyOfAge(100)], more: [unread] }).status).toBe('unknown');
  });

  test('a damaged copy is told beside what may hide a newer one', () => {
    const link = evidence('copy', TENANT_DATABASE, [], { blind: 'unsupported' });
    const cut = copyOfAge(16, { integrity: 'incomplete', integrityBecause: 'bytes follow its end' });
    for (const control of [db2, db6]) {
      const { status, because } = judgeDatabase(control, { copies: [cut], more: [link] });
      expect(status).toBe('unknown');
      expect(because).toMatch(/bytes follow its end.*cannot be judged: copy unsupported/);
    }
  });

  test('excuses no other blind spot', () => {
    const other = evidence('copy', TENANT_DATABASE, [], { blind: 'unsupported' });
    expect(statuses({ copies: [copyOfAge(16)], more: [unread, other] })).toEqual(JUDGED.map(() => 'unknown'));
  });
});

describe('files that nobody can look into and that nothing ties to a database', () => {
  const unopened = evidence('copy', TENANT_DATABASE, [], { blind: 'unsupported', operation: UNOPENED_FILES });

  test('leave unknown whether there is a copy where none was found', () => {
    expect(judgeDatabase(db2, { copies: [] }).status).toBe('fail');
    expect(judgeDatabase(db2, { copies: [], more: [unopened] }).status).toBe('unknown');
    expect(statuses({ copies: [], more: [unopened] })).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
  });

  test('are not what a run recorded, whose file is missing all the same', () => {
    const runs = [runOfAge(10, { artifactUri: 's3://b/tenant_acme-10h.dump' })];
    expect(judgeDatabase(db5, { copies: [], runs, more: [unopened] }).status).toBe('fail');
  });

  test('do not end the wait for the first copy of a new organization', () => {
    const organizations = [{ createdAt: ago(2 * HOUR) }];
    expect(judgeDatabase(db2, { copies: [], runs: [], organizations, more: [unopened] }).status).toBe('not-applicable');
  });
});
