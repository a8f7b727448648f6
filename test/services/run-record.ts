import { join } from 'node:path';
import { z } from 'zod';

/*
 * What a test run leaves for `scripts/test.ts`, in a folder that script makes and names in the environment.
 * Without that folder (vitest started by hand) nothing is recorded.
 */

/** Environment variable naming the folder of the run. */
export const RUN_DIRECTORY_VARIABLE = 'RECOVERAGE_TEST_RUN_DIRECTORY';

/** Servers and tools that a machine prepared by `.ci/run` has: a skip for want of one of them fails such a run. */
const serviceName = z.enum([
  'postgres-embedded',
  'postgres-debian',
  'vault',
  'consul',
  'minio',
  'versitygw',
  'moto',
  'postgres-pypi',
  'postgres-17-pypi',
  'openssl',
  'chromium',
  'poppler',
  'qpdf',
  'pgbackrest',
  'barman',
  'restic',
  'borg',
  'azure',
  'softhsm',
  'gcc',
  'unshare',
]);
export type ServiceName = z.infer<typeof serviceName>;

/**
 * A skip for want of one of these is counted and listed, and fails no run: no machine can have a vault of Azure by itself,
 * and Consul is only what one more Vault stores in, at the price of its longest build. Nor does every machine let its users
 * have a network of their own (unshare).
 */
export const MAY_BE_MISSING: ReadonlySet<ServiceName> = new Set(['azure', 'consul', 'unshare']);

/** One line of the record of unavailable services. `testFile` is an absolute path, null when unknown. */
export const unavailability = z.object({
  service: serviceName,
  reason: z.string(),
  testFile: z.string().nullable(),
});
export type Unavailability = z.infer<typeof unavailability>;

/** What vitest did, counting test cases; a failing hook or unhandled error counts as one failed test. */
export const testOutcome = z.object({
  passed: z.int(),
  failed: z.int(),
  skipped: z.array(z.object({ file: z.string(), test: z.string(), note: z.string().nullable() })),
});
export type TestOutcome = z.infer<typeof testOutcome>;

function fileOfRun(name: string): string | null {
  const directory = process.env[RUN_DIRECTORY_VARIABLE];
  return directory ? join(directory, name) : null;
}

/** Lines of {@link unavailability}; null when no run is recorded. */
export function unavailabilityFile(): string | null {
  return fileOfRun('unavailable.ndjson');
}

/** One {@link testOutcome}; null when no run is recorded. */
export function outcomeFile(): string | null {
  return fileOfRun('outcome.json');
}
