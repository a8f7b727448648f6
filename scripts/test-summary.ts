import { relative } from 'node:path';
import { MAY_BE_MISSING, type TestOutcome, type Unavailability } from '../test/services/run-record.ts';

export interface TestRun {
  /** Static checks by title, with whether each passed. */
  readonly checks: readonly { readonly title: string; readonly passed: boolean }[];
  /** Null when vitest left no outcome. */
  readonly outcome: TestOutcome | null;
  readonly vitestExitCode: number;
  readonly unavailable: readonly Unavailability[];
  /** Whether a skip for want of a service is a failure. */
  readonly servicesRequired: boolean;
}

export interface TestSummary {
  /** What to print; the last line is `N passed, N failed, N skipped`. */
  readonly lines: readonly string[];
  readonly failed: number;
}

function defectsOf({ outcome, vitestExitCode, unavailable, servicesRequired }: TestRun): readonly string[] {
  const defects: string[] = [];
  if (!outcome || outcome.passed + outcome.failed === 0) defects.push('no test ran');
  else if (vitestExitCode !== 0 && outcome.failed === 0) defects.push(`vitest ended with code ${vitestExitCode}`);
  if (servicesRequired) {
    const missing = unavailable.map((one) => one.service).filter((service) => !MAY_BE_MISSING.has(service));
    const services = [...new Set(missing)];
    defects.push(...services.map((service) => `${service} is not available, and CI=true requires it`));
  }
  return defects;
}

function skipLines(root: string, { outcome, unavailable }: TestRun): readonly string[] {
  const skipped = outcome?.skipped ?? [];
  if (skipped.length === 0) return [];
  const lines = skipped.flatMap(({ file, test, note }) => {
    const reasons = unavailable.filter((one) => one.testFile === file).map((one) => `${one.service}: ${one.reason}`);
    const reason = note ?? ([...new Set(reasons)].join('; ') || 'no reason given');
    return [`!!!   ${relative(root, file)} > ${test}`, `!!!     ${reason}`];
  });
  return ['', `!!! SKIPPED, ${skipped.length}:`, ...lines];
}

/** Counts static checks, tests and whatever makes the run unsound, each as one; lists skips, with reasons, and failures. */
export function summarizeTestRun(root: string, run: TestRun): TestSummary {
  const failedChecks = run.checks.filter((check) => !check.passed).map(({ title }) => `failed check: ${title}`);
  const defects = defectsOf(run);
  const passed = (run.outcome?.passed ?? 0) + run.checks.length - failedChecks.length;
  const failed = (run.outcome?.failed ?? 0) + failedChecks.length + defects.length;
  const counts = `${passed} passed, ${failed} failed, ${run.outcome?.skipped.length ?? 0} skipped`;
  const failures = [...failedChecks, ...defects].map((reason) => `!!! ${reason}`);
  return { lines: [...skipLines(root, run), '', ...failures, counts], failed };
}
