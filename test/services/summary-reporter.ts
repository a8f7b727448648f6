import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { TestOutcome } from './run-record.ts';
import { outcomeFile } from './run-record.ts';

function noteOf(test: TestCase): string | null {
  const result = test.result();
  return result.state === 'skipped' ? (result.note ?? null) : null;
}

function summarize(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): TestOutcome {
  let passed = 0;
  let failed = unhandledErrors.length;
  const skipped: TestOutcome['skipped'] = [];
  for (const module of modules) {
    if (module.errors().length > 0) failed += 1;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed += 1;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      else if (state === 'skipped') skipped.push({ file: module.moduleId, test: test.fullName, note: noteOf(test) });
      else failed += 1;
    }
  }
  return { passed, failed, skipped };
}

/** Writes what happened for `scripts/test.ts`, which prints it; a test still pending at the end counts as failed. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const file = outcomeFile();
    if (file) writeFileSync(file, JSON.stringify(summarize(modules, unhandledErrors)));
  }
}
