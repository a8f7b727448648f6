import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { previousOf } from '../../src/collect/report-chain.ts';
import { noteReport, reportChain } from '../../src/pipeline/report-chain.ts';
import { sampleHead } from '../report/sample-head.ts';
import { scratchDirectory } from '../services/scratch.ts';

const HEAD = sampleHead({ organizations: 3 });
const INSTALL_ID = HEAD.install.installId ?? '';

/** Notes a report as a run of the next day would. */
async function noted(directory: string, day: number): Promise<string> {
  const list = join(directory, 'state', 'reports.ndjson');
  const report = join(directory, `report-${day}.json`);
  await writeFile(report, `report of day ${day}`);
  const { reports } = await reportChain(list);
  const previousReportDigest = previousOf(reports, INSTALL_ID)?.digest ?? null;
  const finishedAt = `2026-11-0${day}T18:00:00.000Z`;
  const run = { ...HEAD.run, id: `run-${day}`, finishedAt, previousReportDigest };
  await noteReport(list, { ...HEAD, run }, report);
  return list;
}

describe('the list of reports', () => {
  it('is one without reports where it is not there', async () => {
    await using scratch = scratchDirectory('chain');
    expect(await reportChain(join(scratch.path, 'none'))).toEqual({ reports: [], blindSpot: null });
    expect(previousOf([], INSTALL_ID)).toBeNull();
  });

  it('grows by a line for each, which names the one before it', async () => {
    await using scratch = scratchDirectory('chain');
    for (const day of [1, 2, 3]) await noted(scratch.path, day);
    const list = join(scratch.path, 'state', 'reports.ndjson');
    const { reports } = await reportChain(list);
    const digests = reports.map(({ digest }) => digest);
    expect(reports.map(({ previous }) => previous)).toEqual([null, digests[0], digests[1]]);
    expect(digests[2]).toBe(`sha256:${createHash('sha256').update('report of day 3').digest('hex')}`);
    expect(previousOf(reports, INSTALL_ID.toUpperCase())).toEqual({
      runId: 'run-3',
      finishedAt: '2026-11-03T18:00:00.000Z',
      digest: digests[2],
      reports: 3,
      linked: true,
    });
    expect((await stat(list)).mode & 0o777).toBe(0o600);
  });

  it('of which a report in the middle was taken out is not linked; one that was cut at its beginning is', async () => {
    await using scratch = scratchDirectory('chain');
    for (const day of [1, 2, 3]) await noted(scratch.path, day);
    const list = join(scratch.path, 'state', 'reports.ndjson');
    const [first, second, third] = (await readFile(list, 'utf8')).split('\n');
    await writeFile(list, `${first}\n${third}\n`);
    expect(previousOf((await reportChain(list)).reports, INSTALL_ID)).toMatchObject({ reports: 2, linked: false });
    await writeFile(list, `${second}\n${third}\n`);
    expect(previousOf((await reportChain(list)).reports, INSTALL_ID)).toMatchObject({ reports: 2, linked: true });
    // Two runs at the same time know the same report before them.
    await writeFile(list, `${first}\n${second}\n${second?.replace(/"digest":"sha256:./, '"digest":"sha256:0')}\n`);
    expect(previousOf((await reportChain(list)).reports, INSTALL_ID)).toMatchObject({ reports: 3, linked: true });
  });

  it('knows the reports of each install apart, and notes none of an install without id', async () => {
    await using scratch = scratchDirectory('chain');
    const list = await noted(scratch.path, 1);
    expect(previousOf((await reportChain(list)).reports, 'inst_other')).toBeNull();
    const before = await readFile(list, 'utf8');
    await noteReport(
      list,
      { ...HEAD, install: { ...HEAD.install, installId: null } },
      join(scratch.path, 'report-1.json'),
    );
    expect(await readFile(list, 'utf8')).toBe(before);
  });

  it.each([
    ['no JSON', 'hello'],
    ['something else', '{"type":"recoverage-plan"}'],
    ['a line that was cut off', '{"type":"recoverage-report","installId":"inst'],
  ])('that holds %s is a blind spot and no empty list', async (_, line) => {
    await using scratch = scratchDirectory('chain');
    const list = await noted(scratch.path, 1);
    await writeFile(list, `${await readFile(list, 'utf8')}${line}\n`);
    const chain = await reportChain(list);
    expect(chain.reports).toEqual([]);
    expect(chain.blindSpot).toMatchObject({ reason: 'malformed', remedy: expect.stringContaining('report.list') });
  });

  it('that cannot be read is a blind spot', async () => {
    await using scratch = scratchDirectory('chain');
    await mkdir(join(scratch.path, 'list'));
    expect((await reportChain(join(scratch.path, 'list'))).blindSpot?.detail).toContain('EISDIR');
  });
});
