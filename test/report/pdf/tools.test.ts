import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolUnavailable } from '../../services/availability.ts';
import { sampleReport } from '../sample-report.ts';
import { pdfOf } from './read-pdf.ts';

const run = promisify(execFile);
const noQpdf = toolUnavailable('qpdf', ['qpdf']);
const noPoppler = toolUnavailable('poppler', ['pdfinfo']);

describe('the PDF as other programs see it', () => {
  let directory: string;
  let file: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recoverage-pdf-'));
    file = join(directory, 'report.pdf');
    await writeFile(file, await pdfOf(sampleReport({ organizations: 60, hostile: true })));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.skipIf(noQpdf)('qpdf finds nothing wrong with its structure', async () => {
    const { stdout, stderr } = await run('qpdf', ['--check', file]);
    expect(`${stdout}${stderr}`).toContain('No syntax or stream encoding errors found');
    expect(`${stdout}${stderr}`).not.toMatch(/WARNING/);
  });

  it.skipIf(noPoppler)('poppler finds every font embedded, as a subset, with its Unicode table', async () => {
    const { stdout } = await run('pdffonts', [file]);
    const fonts = stdout.trim().split('\n').slice(2);
    expect(fonts.length).toBeGreaterThanOrEqual(3);
    for (const font of fonts) expect(font).toMatch(/DejaVuSans.* yes yes yes /);
  });

  it.skipIf(noPoppler)('poppler reads the structure tree without complaint, with scopes of head cells', async () => {
    const { stdout, stderr } = await run('pdfinfo', ['-struct', file], { maxBuffer: 64 * 1024 * 1024 });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/TH:\s+\/Scope \/Column/);
    expect(stdout).toMatch(/TH:\s+\/Scope \/Row/);
    expect(stdout).toMatch(/^Document\n {2}Sect\n {4}H1/);
  });

  it.skipIf(noPoppler)('poppler reads version, date and page size', async () => {
    const { stdout } = await run('pdfinfo', [file], { env: { ...process.env, TZ: 'UTC' } });
    expect(stdout).toMatch(/PDF version:\s+1\.7/);
    expect(stdout).toMatch(/CreationDate:\s+Sun Nov 22 18:00:00 2026/);
    expect(stdout).toMatch(/Tagged:\s+yes/);
    expect(stdout).toMatch(/Page size:\s+595\.28 x 841\.89 pts \(A4\)/);
  });
});
