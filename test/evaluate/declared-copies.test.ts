import { describe, expect, it, test } from 'vitest';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import { UNREAD_METHOD } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { copyOfAge, judgeDatabase } from './database-case.ts';
import { evidence, TENANT_DATABASE } from './fixture.ts';

/** A copy that an inventory states, as collecting records it. */
const STATED = evidence(
  'copy',
  TENANT_DATABASE,
  [
    copyOfAge(2, {
      method: 'Veeam',
      format: 'inventory',
      foundName: null,
      nameAgrees: null,
      databaseOid: null,
      tableOids: null,
      tablesComplete: false,
      scope: 'unknown',
      integrity: 'unproven',
      sha256: null,
    }),
  ],
  { grade: 'declared', source: 'location veeam' },
);

const onDatabases = CONTROLS.filter(({ id, subject }) => [subject].flat().includes('database') && id.startsWith('DB-'));
function controlOf(id: string) {
  const found = onDatabases.find((control) => control.id === id);
  if (found === undefined) throw new Error(`no control ${id}`);
  return found;
}

describe('a copy that is only declared', () => {
  it('of all copies gives neither pass nor fail: DB-2 and DB-3 are unknown', () => {
    for (const id of ['DB-2', 'DB-3']) {
      const control = controlOf(id);
      expect(judgeDatabase(control, { copies: [] })?.status, id).toBe('fail');
      const stated = judgeDatabase(control, { copies: [], more: [STATED] });
      expect(stated?.status, id).toBe('unknown');
      expect(JSON.stringify(stated)).toContain('only declared, not observed');
    }
  });

  test.each(onDatabases.map(({ id }) => id))('beside a copy that was read leaves %s as it is', (id) => {
    const control = controlOf(id);
    const without = judgeDatabase(control, { copies: [copyOfAge(20)] })?.status;
    const beside = judgeDatabase(control, { copies: [copyOfAge(20)], more: [STATED] })?.status;
    // A hole, a missing second copy or a recorded artifact may be filled by what nobody looked at.
    expect(beside === without || (without === 'fail' && beside === 'unknown'), `${without} became ${beside}`).toBe(
      true,
    );
  });

  it('that is newer makes an old copy that was read no failure: nobody knows', () => {
    const old = [copyOfAge(200)];
    expect(judgeDatabase(controlOf('DB-3'), { copies: old })?.status).toBe('fail');
    expect(judgeDatabase(controlOf('DB-3'), { copies: old, more: [STATED] })?.status).toBe('unknown');
  });
});

describe('a copy that is declared to be incomplete', () => {
  const statedAs = (change: Partial<Facts['copy']>) =>
    evidence(
      'copy',
      TENANT_DATABASE,
      STATED.items.map((item) => ({ ...(item as Facts['copy']), ...change })),
      {
        grade: 'declared',
        source: 'location veeam',
      },
    );
  const incomplete = statedAs({ integrity: 'incomplete' });

  test.each(['DB-2', 'DB-3'])('is no copy, and the statement is told: %s', (id) => {
    const alone = judgeDatabase(controlOf(id), { copies: [], more: [incomplete] });
    expect(alone?.status).toBe('fail');
    expect(alone?.because).toContain('1 copy declared as incomplete, which counts for nothing');
    const beside = judgeDatabase(controlOf(id), { copies: [copyOfAge(20)], more: [incomplete] });
    expect(beside?.status).toBe('pass');
    const complete = judgeDatabase(controlOf(id), { copies: [], more: [statedAs({ declaredComplete: true })] });
    expect(complete?.because).toContain('only declared, not observed (declared as complete)');
  });

  it('is no damaged copy either: nobody looked', () => {
    expect(judgeDatabase(controlOf('DB-6'), { copies: [copyOfAge(20)], more: [incomplete] })?.status).toBe('pass');
  });
});

/** A dump that lies in a snapshot of restic, as collecting records it. */
const IN_SNAPSHOT = copyOfAge(2, {
  path: '4436b8a9/backups/tenant_acme.dump',
  method: 'restic',
  format: 'file in a restic snapshot',
  foundName: null,
  nameAgrees: null,
  databaseOid: null,
  tableOids: null,
  tablesComplete: false,
  scope: 'unknown',
  moment: null,
  integrity: 'unproven',
  sha256: null,
  encrypted: true,
});

describe('a dump in a snapshot of restic or Borg', () => {
  it('alone makes DB-2 and DB-3 unknown, and so does a repository that cannot be read', () => {
    const unread = evidence('copy', TENANT_DATABASE, [], { blind: true, operation: UNREAD_METHOD });
    for (const id of ['DB-2', 'DB-3']) {
      expect(judgeDatabase(controlOf(id), { copies: [IN_SNAPSHOT] })?.status, id).toBe('unknown');
      expect(judgeDatabase(controlOf(id), { copies: [], more: [unread] })?.status, id).toBe('unknown');
    }
  });

  test.each(['DB-2', 'DB-3', 'DB-6', 'DB-7', 'DB-8', 'DB-15'])(
    'takes nothing away from a dump that was read: %s',
    (id) => {
      for (const method of ['restic', 'borg']) {
        const closed = { ...IN_SNAPSHOT, method, encrypted: false };
        const both = judgeDatabase(controlOf(id), { copies: [copyOfAge(20), closed] })?.status;
        expect(both, method).toBe(judgeDatabase(controlOf(id), { copies: [copyOfAge(20)] })?.status);
      }
    },
  );
});
