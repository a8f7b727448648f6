import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { packageProgram, repository } from '../../scripts/package-program.ts';
import { RUN_DIRECTORY_VARIABLE, testOutcome, unavailability } from './run-record.ts';
import { scratchDirectory } from './scratch.ts';

const SPECIMEN = `
import { beforeAll, describe, expect, it } from 'vitest';
import { unavailable } from '${join(import.meta.dirname, 'availability.ts')}';

it('passes', () => { expect(1).toBe(1); });
it('fails', () => { expect(1).toBe(2); });
it('is skipped with a note', (context) => { context.skip('for a reason'); });
it.todo('is not written');
describe.skipIf(unavailable('vault', 'not built'))('Vault', () => { it('seals', () => {}); });
describe('broken hook', () => {
  beforeAll(() => { throw new Error('cannot start'); });
  it('never runs', () => {});
});
`;

it('counts what vitest did and keeps the reasons of skips', () => {
  using scratch = scratchDirectory('reporter');
  symlinkSync(join(repository, 'node_modules'), join(scratch.path, 'node_modules'));
  const specimen = join(scratch.path, 'specimen.test.ts');
  writeFileSync(specimen, SPECIMEN);
  writeFileSync(join(scratch.path, 'broken.test.ts'), `throw new Error('cannot load');\n`);
  const reporter = `--reporter=${join(import.meta.dirname, 'summary-reporter.ts')}`;
  const ended = spawnSync(process.execPath, [packageProgram('vitest', 'vitest'), 'run', reporter], {
    cwd: scratch.path,
    env: { PATH: dirname(process.execPath), [RUN_DIRECTORY_VARIABLE]: scratch.path },
    encoding: 'utf8',
    timeout: 50_000,
  });
  expect(ended.status).toBe(1);
  const outcome = testOutcome.parse(JSON.parse(readFileSync(join(scratch.path, 'outcome.json'), 'utf8')));
  expect(outcome).toMatchObject({ passed: 1, failed: 3 });
  expect(outcome.skipped.map(({ test, note }) => [test, note])).toEqual([
    ['is skipped with a note', 'for a reason'],
    ['is not written', null],
    ['Vault > seals', null],
    ['broken hook > never runs', null],
  ]);
  const recorded = readFileSync(join(scratch.path, 'unavailable.ndjson'), 'utf8');
  expect(unavailability.parse(JSON.parse(recorded))).toEqual({
    service: 'vault',
    reason: 'not built',
    testFile: specimen,
  });
});
