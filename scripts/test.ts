import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  outcomeFile,
  RUN_DIRECTORY_VARIABLE,
  testOutcome,
  unavailability,
  unavailabilityFile,
} from '../test/services/run-record.ts';
import { packageProgram, repository } from './package-program.ts';
import { summarizeTestRun } from './test-summary.ts';

/*
 * npm test [-- vitest arguments]: build, static checks, then the tests, on this Node. Each of the former counts as one
 * test, so that even a run whose build is broken ends with its counts.
 * Every skip is listed with its reason. The last line of the output is `N passed, N failed, N skipped`.
 *
 * CI=true                      a skip for want of a service that can be had is a failure
 * RECOVERAGE_BUILD_SERVICES=1  builds missing test servers into the cache first (minutes)
 */

const checks = [
  { title: 'build (dist)', args: ['scripts/build.ts'] },
  { title: 'types (tsc --noEmit)', args: [packageProgram('typescript', 'tsc'), '--noEmit'] },
  { title: 'lint and format (biome check)', args: [packageProgram('@biomejs/biome', 'biome'), 'check', '.'] },
  { title: 'unused code and packages (knip)', args: [packageProgram('knip', 'knip')] },
] as const;
const reporters = ['--reporter=default', '--reporter=./test/services/summary-reporter.ts'];

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function runNode(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function readIfThere(file: string | null): string | null {
  return file && existsSync(file) ? readFileSync(file, 'utf8') : null;
}

const runDirectory = mkdtempSync(join(tmpdir(), 'recoverage-test-run-'));
process.env[RUN_DIRECTORY_VARIABLE] = runDirectory;
try {
  if (process.env['RECOVERAGE_BUILD_SERVICES'] === '1') await runNode(['test/services/install.ts']);
  const checked: { title: string; passed: boolean }[] = [];
  for (const { title, args } of checks) {
    const passed = (await runNode(args)) === 0;
    say(`${passed ? 'ok' : 'FAILED'}: ${title}`);
    checked.push({ title, passed });
  }
  const vitest = [packageProgram('vitest', 'vitest'), 'run', ...reporters, ...process.argv.slice(2)];
  const vitestExitCode = await runNode(vitest);
  const outcome = readIfThere(outcomeFile());
  const unavailable = (readIfThere(unavailabilityFile()) ?? '').split('\n').filter(Boolean);
  const { lines, failed } = summarizeTestRun(repository, {
    checks: checked,
    outcome: outcome ? testOutcome.parse(JSON.parse(outcome)) : null,
    vitestExitCode,
    unavailable: unavailable.map((line) => unavailability.parse(JSON.parse(line))),
    servicesRequired: process.env['CI'] === 'true',
  });
  process.exitCode = failed === 0 ? 0 : 1;
  for (const line of lines) say(line);
} finally {
  rmSync(runDirectory, { recursive: true, force: true });
}
