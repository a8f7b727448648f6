import { chmodSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDemoInstall } from '../../src/demo/build-demo-install.ts';
import { demo } from '../../src/demo/demo.ts';
import { describeDemo } from '../../src/demo/describe-demo.ts';
import { PLANTED_GAPS } from '../../src/demo/planted-gaps.ts';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { auditDemo } from './audited-demo.ts';

const VERDICTS = {
  acorn: 'recoverable',
  birch: 'recoverable',
  cedar: 'recoverable',
  elm: 'at-risk',
  fir: 'at-risk',
  grove: 'at-risk',
  hazel: 'at-risk',
  iris: 'at-risk',
  juniper: 'not-recoverable',
  linden: 'not-recoverable',
  maple: 'at-risk',
  oak: null,
};

/** A folder for temporary files of this test's own, so that whatever is left behind in it is the demo's. */
const temporary = mkdtempSync(join(tmpdir(), 'recoverage-test-demo-'));
const before = process.env['TMPDIR'];

beforeAll(() => {
  // The server may run as another user, who has to pass through it.
  chmodSync(temporary, 0o711);
  process.env['TMPDIR'] = temporary;
});

afterAll(async () => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  await rm(temporary, { recursive: true, force: true });
});

function leftovers(): readonly string[] {
  return readdirSync(temporary);
}

describe.skipIf(embeddedPostgresUnavailable())('recoverage demo', { timeout: 180_000 }, () => {
  test('the audit finds exactly what was planted, and the install is gone afterwards', async () => {
    const reports = join(temporary, 'reports');
    const { signal } = new AbortController();
    let verdicts = {};
    const result = await demo({
      reports,
      now: new Date().toISOString(),
      signal,
      async scan(install) {
        const audited = await auditDemo(install, signal);
        verdicts = audited.verdicts;
        return { findings: audited.findings, reportDirectory: reports, files: ['report.html'] };
      },
    });
    expect(result.comparison.unexpected).toEqual([]);
    expect(result.comparison.missing).toEqual([]);
    expect(result.matches).toBe(true);
    expect(verdicts).toEqual(VERDICTS);
    const text = describeDemo(result).join('\n');
    expect(text).toContain(`All ${PLANTED_GAPS.length} planted findings were found, and nothing else.`);
    expect(text).toContain(reports);
    expect(text).toContain('recoverage init');
    expect(leftovers()).toEqual([]);
  });

  test('a scan that fails ends the servers and removes the install', async () => {
    const failing = demo({
      reports: join(temporary, 'never-written'),
      now: new Date().toISOString(),
      signal: new AbortController().signal,
      scan: () => Promise.reject(new Error('no space left')),
    });
    await expect(failing).rejects.toThrow('no space left');
    expect(leftovers()).toEqual([]);
  });

  test.each([
    ['while the cluster is made', () => leftovers().some((name) => name.startsWith('recoverage-demo-postgres-'))],
    ['while dumps are written', () => existsSync(join(temporary, 'install', 'stand-in-nas', 'dumps', 'novantra'))],
  ])('an interruption %s ends the servers and removes the install', async (_when, isTime) => {
    const interruption = new AbortController();
    const building = buildDemoInstall({
      directory: join(temporary, 'install'),
      reports: join(temporary, 'never-written'),
      now: new Date().toISOString(),
      signal: interruption.signal,
    });
    const watch = setInterval(() => {
      if (!isTime()) return;
      clearInterval(watch);
      interruption.abort(new Error('interrupted'));
    }, 1);
    await expect(building).rejects.toThrow('interrupted');
    expect(leftovers()).toEqual([]);
  });
});
