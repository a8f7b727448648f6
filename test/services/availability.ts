import { accessSync, appendFileSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'vitest';
import type { ServiceName } from './run-record.ts';
import { unavailabilityFile } from './run-record.ts';

/**
 * Notes that a test file has to skip what needs this service, and why. The test runner lists it, and with `CI=true`
 * fails, because there every service named here can be had.
 *
 * @returns the reason, to be handed to `describe.skipIf`
 */
export function unavailable(service: ServiceName, reason: string): string {
  const file = unavailabilityFile();
  // Benchmarks ask as well, and have no state of a test.
  if (file) {
    const testFile = expect.getState().testPath ?? null;
    appendFileSync(file, `${JSON.stringify({ service, reason, testFile })}\n`);
  } else process.stderr.write(`SKIPPED for want of ${service}: ${reason}\n`);
  return reason;
}

/** Absolute path of the first of these programs found on PATH, or null. */
export function programOnPath(names: readonly string[]): string | null {
  for (const name of names) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const candidate = join(folder, name);
      try {
        accessSync(candidate, constants.X_OK);
        return candidate;
      } catch {
        // Not here: the next folder may have it.
      }
    }
  }
  return null;
}

/** Why this installed tool cannot be used here (recorded for the test runner), or null when it is on PATH. */
export function toolUnavailable(service: ServiceName, names: readonly string[]): string | null {
  if (programOnPath(names)) return null;
  return unavailable(service, `none of ${names.join(', ')} is on PATH: install the package that has it`);
}
