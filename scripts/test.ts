import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { TestOutcome, Unavailability } from '../test/services/run-record.ts';
import {
  outcomeFile,
  RUN_DIRECTORY_VARIABLE,
  testOutcome,
  unavailability,
  unavailabilityFile,
} from '../test/services/run-record.ts';
import { packageProgram, repository } from './package-program.ts';

/*
 * npm test [vitest arguments]: static checks, then the tests, on this Node. Each static check counts as one test.
 * Every skip is listed with its reason. The last line of the output is `N passed, N failed, N skipped`.
 *
 * CI=true                      a skip for want of a service that can be had is a failure
 * RECOVERAGE_BUILD_SERVICES=1  builds missing test servers into the cache first (minutes)
 */

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

const checks: readonly (readonly [title: string, args: readonly string[]])[] = [
  ['types (tsc --noEmit)', [packageProgram('typescript', 'tsc'), '--noEmit']],
  ['lint and format (biome check)', [packageProgram('@biomejs/biome', 'biome'), 'check', '.']],
  ['unused code and packages (knip)', [packageProgram('knip', 'knip')]],
];

async function runChecks(): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const [title, args] of checks) {
    const ok = (await runNode(args)) === 0;
    say(`${ok ? 'ok    ' : 'FAILED'} ${title}`);
    if (!ok) failed.push(title);
  }
  return failed;
}

function readOutcome(): TestOutcome | null {
  const file = outcomeFile();
  return file && existsSync(file) ? testOutcome.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
}

function readUnavailable(): readonly Unavailability[] {
  const file = unavailabilityFile();
  if (!file || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => unavailability.parse(JSON.parse(line)));
}

function listSkips(skipped: TestOutcome['skipped'], missing: readonly Unavailability[]): void {
  if (skipped.length === 0) return;
  say(`\n!!! SKIPPED: ${skipped.length} tests did not run`);
  for (const { file, test, note } of skipped) {
    const reasons = missing.filter((one) => one.testFile === file).map((one) => `${one.service}: ${one.reason}`);
    const because = note ?? (reasons.length > 0 ? [...new Set(reasons)].join('; ') : 'no reason given');
    say(`!!!   ${relative(repository, file)} > ${test}\n!!!     ${because}`);
  }
}

function missingOnCi(missing: readonly Unavailability[]): readonly string[] {
  if (process.env['CI'] !== 'true') return [];
  return [...new Set(missing.map((one) => one.service))].map((service) => `${service} must be available when CI=true`);
}

async function runTests(vitestArgs: readonly string[]): Promise<readonly string[]> {
  const defects: string[] = [];
  const reporters = ['--reporter=default', '--reporter=./test/services/summary-reporter.ts'];
  const exitCode = await runNode([packageProgram('vitest', 'vitest'), 'run', ...reporters, ...vitestArgs]);
  const outcome = readOutcome();
  const ran = outcome ? outcome.passed + outcome.failed : 0;
  if (ran === 0) defects.push('no test ran');
  else if (exitCode !== 0 && outcome?.failed === 0) defects.push(`vitest ended with code ${exitCode}`);
  return defects;
}

process.env[RUN_DIRECTORY_VARIABLE] = mkdtempSync(join(tmpdir(), 'recoverage-test-run-'));
try {
  if (process.env['RECOVERAGE_BUILD_SERVICES'] === '1') await runNode(['test/services/install.ts']);
  const failedChecks = await runChecks();
  const defects = [...(await runTests(process.argv.slice(2)))];
  const outcome = readOutcome() ?? { passed: 0, failed: 0, skipped: [] };
  const missing = readUnavailable();
  defects.push(...missingOnCi(missing));
  listSkips(outcome.skipped, missing);
  for (const reason of [...failedChecks.map((title) => `failed check: ${title}`), ...defects]) say(`\n!!! ${reason}`);
  const passed = outcome.passed + checks.length - failedChecks.length;
  const failed = outcome.failed + failedChecks.length + defects.length;
  process.exitCode = failed === 0 ? 0 : 1;
  say(`\n${passed} passed, ${failed} failed, ${outcome.skipped.length} skipped`);
} finally {
  rmSync(process.env[RUN_DIRECTORY_VARIABLE], { recursive: true, force: true });
}
