import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { sampleFiles } from '../../src/collect/file-sample.ts';
import { hostProbe } from '../../src/collect/hosts/probe/host-probe.ts';
import { localFileProbe } from '../../src/collect/local-file-probe.ts';
import type { ArtifactRow } from '../../src/collect/organizations/dataset-contracts.ts';
import { plannedSample } from '../../src/collect/planned-sample.ts';
import type { FileSampleLine } from '../../src/collect/recorded/file-sample-line.ts';
import { NOTHING_JOINED } from '../../src/collect/recorded/joined-hosts.ts';
import { recordFileSample } from '../../src/collect/recorded/record-file-sample.ts';
import { recordedFileProbe } from '../../src/collect/recorded/recorded-file-probe.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import type { PlannedDraw } from '../../src/model/planned-draw.ts';
import { SourceError } from '../../src/model/source-error.ts';
import { scratchDirectory } from '../services/scratch.ts';

const { signal } = new AbortController();
const asker = createAsker(systemClock, [], signal);
const CONTENTS = 'a document\n';
const SUM = createHash('sha256').update(CONTENTS).digest('hex');
const OTHER_SUM = SUM.replaceAll(/[0-9a-f]/g, '0');
const CREATED = '2026-11-01T00:00:00.000Z';

function row(objectKey: string, changes: Partial<ArtifactRow> = {}): ArtifactRow {
  return { objectKey, bytes: CONTENTS.length, sha256: SUM, createdAt: CREATED, ...changes };
}

function drawn(store: string, files: readonly ArtifactRow[]): PlannedDraw {
  return {
    store,
    database: 'org/tenant',
    drawnAt: '2026-11-22T10:00:00.000Z',
    rows: 59,
    seed: 20261122,
    before: '2026-11-22T09:00:00.000Z',
    method: 'drawn from all rows by a hash',
    population: files.length,
    estimate: null,
    unreadable: 0,
    files: [...files],
  };
}

async function recorded(draw: PlannedDraw, checksums: boolean): Promise<FileSampleLine> {
  const lines: FileSampleLine[] = [];
  await recordFileSample({ asker, signal, probe: hostProbe, checksums }, draw, async (line) => {
    if (line.type === 'file-sample') lines.push(line);
  });
  const [line] = lines;
  if (line === undefined) throw new Error('it was not recorded');
  return line;
}

const inputsOf = (rows: readonly ArtifactRow[]) => ({
  sample: {
    question: { rows: 59, seed: 20261122, before: CREATED },
    method: 'drawn from all rows by a hash',
    rows,
    problems: [],
    estimate: null,
  },
  population: rows.length,
  changedAt: null,
  checksums: true,
  digestKey: null,
  stillListed: (keys: readonly string[]) => Promise.resolve(new Set(keys)),
  rowsOfKeys: (keys: readonly string[]) => Promise.resolve(rows.filter(({ objectKey }) => keys.includes(objectKey))),
});

describe('files that were drawn for a plan', () => {
  it('are found, missing and refused on the host as they would be by a scan there', async () => {
    await using scratch = scratchDirectory('planned');
    const store = join(scratch.path, 'store');
    await mkdir(join(store, 'deep'), { recursive: true });
    await writeFile(join(store, 'deep/good'), CONTENTS);
    await writeFile(join(store, 'longer'), `${CONTENTS}${CONTENTS}`);
    await writeFile(join(store, 'altered'), CONTENTS.toUpperCase());
    await symlink('/etc/hostname', join(store, 'link'));
    const rows = [row('deep/good'), row('longer'), row('altered'), row('link'), row('../store/deep/good'), row('gone')];
    const line = await recorded(drawn(store, rows), true);
    expect(line.files.map(({ objectKey, is, size, digest }) => [objectKey, is, size, digest === SUM])).toEqual([
      ['deep/good', 'found', CONTENTS.length, true],
      ['longer', 'found', 2 * CONTENTS.length, false],
      ['altered', 'found', CONTENTS.length, false],
      ['link', 'link', null, false],
      ['../store/deep/good', 'refused', null, false],
      ['gone', 'missing', null, false],
    ]);
    const live = await sampleFiles(localFileProbe(store, { probe: hostProbe, signal }), inputsOf(rows), asker);
    expect(live.answer.items[0]).toMatchObject({
      found: 1,
      missing: 1,
      refused: 2,
      links: 1,
      sizeDiffers: 1,
      checksumDiffers: 1,
    });
    // Which file of the machine it is matters on that machine alone.
    const told = JSON.parse(JSON.stringify(live, (key, value: unknown) => (key === 'onDisk' ? undefined : value)));
    const planned = await sampleFiles(recordedFileProbe(line, 'app-1'), inputsOf(rows), asker);
    expect(JSON.parse(JSON.stringify(planned))).toEqual(told);
    // What is not asked for is not read.
    expect((await recorded(drawn(store, rows), false)).files.every(({ digest }) => digest === null)).toBe(true);
  });

  it('are unknown where the store looks unmounted, as they would be by a scan there', async () => {
    await using scratch = scratchDirectory('planned');
    const rows = [row('a'), row('b')];
    const line = await recorded(drawn(scratch.path, rows), true);
    expect(line.files.map(({ is }) => is)).toEqual([null, null]);
    const live = await sampleFiles(localFileProbe(scratch.path, { probe: hostProbe, signal }), inputsOf(rows), asker);
    expect(live.answer.blindSpot?.detail).toContain('may be unmounted');
    expect(await sampleFiles(recordedFileProbe(line, 'app-1'), inputsOf(rows), asker)).toEqual(live);
  });
});

describe('a draw that the install host answered', () => {
  const found = (objectKey: string, changes: Partial<FileSampleLine['files'][number]> = {}) => ({
    ...row(objectKey),
    is: 'found' as const,
    size: CONTENTS.length,
    modifiedAt: CREATED,
    digest: null,
    ...changes,
  });
  const line = (files: FileSampleLine['files']): FileSampleLine => ({
    type: 'file-sample',
    collectedAt: '2026-11-22T11:00:00.000Z',
    ...drawn('/store', []),
    files,
    blindSpot: null,
  });

  function joined(answer: FileSampleLine | null, collect: Partial<Config['collect']['fileSample']> = {}) {
    const config = configSchema.parse({
      version: 1,
      install: { host: 'h', collectorRunsHere: false, database: { name: 'novantra', host: 'db1', user: 'u' } },
      collect: { fileSample: collect },
    });
    const bundle = { file: 'host.ndjson' } as Parameters<typeof plannedSample>[0]['joined']['bundles'][number];
    const hosts = {
      ...NOTHING_JOINED,
      bundles: [bundle],
      store: () => [{ bundle, collectedAt: CREATED, value: null, blindSpot: null, isAbsent: false }],
      fileSample: (store: string, database: string) =>
        answer !== null && store === '/store' && database === 'org/tenant' ? { bundle, line: answer } : null,
    };
    return { config, joined: hosts, asker, signal };
  }
  const database = (now: readonly ArtifactRow[] | SourceError = [], gone: readonly string[] = []) => ({
    database: 'org/tenant',
    registered: 500,
    future: null,
    stillListed: (keys: readonly string[]) => Promise.resolve(new Set(keys.filter((key) => !gone.includes(key)))),
    rowsOfKeys: () => (now instanceof SourceError ? Promise.reject(now) : Promise.resolve(now)),
  });
  const keysOf = (sample: Awaited<ReturnType<typeof plannedSample>>) =>
    'reason' in sample ? sample.reason : sample.sample.rows.map(({ objectKey }) => objectKey);

  it('is as old as it was drawn, however late it was answered', async () => {
    const sample = await plannedSample(joined(line([found('a')])), '/store', database());
    if ('reason' in sample) throw new Error(sample.detail);
    expect(sample.lookedFor?.collectedAt).toBe('2026-11-22T10:00:00.000Z');
    expect(sample.sample).toMatchObject({ question: { seed: 20261122, rows: 59 }, problems: [] });
  });

  it('counts for the number and seed that are configured, and for no others', async () => {
    const answer = line([found('a')]);
    for (const [collect, counts] of [
      [{}, true],
      [{ seed: 20261122 }, true],
      [{ seed: 7 }, false],
      [{ rows: 10 }, false],
    ] as const) {
      const sample = await plannedSample(joined(answer, collect), '/store', database());
      expect('reason' in sample, JSON.stringify(collect)).toBe(!counts);
    }
  });

  it('is missed for a database or store that its plan does not name', async () => {
    for (const [answer, store] of [
      [null, '/store'],
      [line([]), '/other'],
    ] as const) {
      const sample = await plannedSample(joined(answer), store, database());
      expect(sample).toMatchObject({ reason: 'not-asked', detail: expect.stringContaining('its plan names none') });
    }
  });

  it('shows nothing of a file that was written again with its row, and keeps one whose row is the same', async () => {
    const files = [
      found('same'),
      found('cut', { size: 3 }),
      found('rewritten', { size: 30 }),
      found('deleted', { size: 1 }),
    ];
    const now = [row('cut'), row('rewritten', { bytes: 30 })];
    expect(keysOf(await plannedSample(joined(line(files)), '/store', database(now)))).toEqual(['same', 'cut']);
    const altered = [found('altered', { digest: OTHER_SUM })];
    expect(keysOf(await plannedSample(joined(line(altered)), '/store', database([row('altered')])))).toEqual([
      'altered',
    ]);
    const again = [row('altered', { sha256: OTHER_SUM })];
    expect(keysOf(await plannedSample(joined(line(altered)), '/store', database(again)))).toEqual([]);
    const down = new SourceError('unreachable', 'the server is down', 'Start it.');
    expect(keysOf(await plannedSample(joined(line(files)), '/store', database(down)))).toBe('unreachable');
  });

  it('is of rows that the database still lists, and of as many as it has now', async () => {
    const files = [found('kept'), found('deleted'), found('deleted too')];
    const sample = await plannedSample(joined(line(files)), '/store', database([], ['deleted', 'deleted too']));
    if ('reason' in sample) throw new Error(sample.detail);
    expect(keysOf(sample)).toEqual(['kept']);
    expect(sample).toMatchObject({ population: 500, gone: 2 });
  });

  it('tells that some rows could not be read when it was drawn', async () => {
    const answer = { ...line([found('a')]), unreadable: 2 };
    const sample = await plannedSample(joined(answer), '/store', database());
    if ('reason' in sample) throw new Error(sample.detail);
    expect(sample.sample.problems).toHaveLength(2);
  });
});
