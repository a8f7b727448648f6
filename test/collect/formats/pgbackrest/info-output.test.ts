import { describe, expect, it } from 'vitest';
import { readPgBackRestInfoJson } from '../../../../src/collect/backups/physical/pgbackrest-info-json.ts';
import { parseInfoOutput, statusProblem } from '../../../../src/collect/formats/pgbackrest/info-output.ts';
import { SourceError } from '../../../../src/model/source-error.ts';

const backup = (label: string, more: object = {}) => ({
  archive: { start: '000000010000000000000005', stop: '000000010000000000000005' },
  backrest: { format: 5, version: '2.45' },
  database: { id: 1, 'repo-key': 1 },
  error: false,
  info: { delta: 100, repository: { delta: 10, size: 10 }, size: 100 },
  label,
  lsn: { start: '0/5000028', stop: '0/50009E8' },
  prior: null,
  reference: null,
  timestamp: { start: 1_795_383_726, stop: 1_795_383_739 },
  type: 'full',
  ...more,
});

/** In the shape that pgBackRest 2.45 prints, with the identifier written as it does: a bare number above 2^53. */
function output(backups: readonly object[], code = 0): string {
  return JSON.stringify([
    {
      archive: [{ database: { id: 1, 'repo-key': 1 }, id: '15-1', max: null, min: null }],
      backup: backups,
      cipher: 'none',
      db: [{ id: 1, 'repo-key': 1, 'system-id': '@', version: '15' }],
      name: 'main',
      repo: [{ cipher: 'none', key: 1, status: { code, message: 'password=hunter2' } }],
      status: { code, lock: { backup: { held: false } }, message: 'password=hunter2' },
    },
  ]).replace('"@"', '7711114375062776153');
}

const read = (text: string) =>
  readPgBackRestInfoJson(text, {
    path: 'info.json',
    modifiedAt: '2026-11-22T12:00:00.000Z',
    declaredServer: null,
    repository: null,
    blindSpotOf: (error) => {
      if (!(error instanceof SourceError)) throw error;
      return { reason: error.reason, detail: error.message, remedy: error.remedy };
    },
  });

describe('the output of pgbackrest info', () => {
  it('keeps identifiers that a double would round', () => {
    expect(read(output([backup('20261122-214206F')])).copies[0]?.cluster.systemIdentifier).toBe('7711114375062776153');
  });

  it('page checksum errors make a copy incomplete', () => {
    const [copy] = read(output([backup('20261122-214206F', { error: true })])).copies;
    expect(copy).toMatchObject({ integrity: 'incomplete' });
  });

  it('needs every label that is referred to', () => {
    const full = '20261122-214206F';
    const incr = backup(`${full}_20261122-214224I`, { type: 'incr', reference: [full, `${full}_20261122-214221D`] });
    expect(read(output([incr])).copies[0]?.needs).toEqual([`main/${full}`, `main/${full}_20261122-214221D`]);
  });

  it('a stanza in trouble is a blind spot that tells the code and not the text', () => {
    const { detail } = read(output([], 99)).blindSpot ?? { detail: '' };
    expect(detail).toContain('code 99');
    expect(detail).not.toContain('hunter2');
    expect(statusProblem(0)).toBeNull();
    expect(statusProblem(2)).toBeNull();
    expect(statusProblem(3)).not.toBeNull();
  });

  it('cut anywhere it is malformed, and never a list of fewer backups', () => {
    const text = output([backup('20261122-214206F')]);
    for (let length = 0; length < text.length; length += 1) {
      expect(() => parseInfoOutput(text.slice(0, length)), `${length}`).toThrow(SourceError);
    }
    for (const other of ['{}', 'null', '[1]', '[{"name":"x"}]', `${'['.repeat(100_000)}`]) {
      expect(read(other)).toMatchObject({ copies: [], blindSpot: { reason: 'malformed' } });
    }
  });
});
