import type { Observation } from '../model/control.ts';
import { type Instant, MINUTE, toMillis } from '../model/instant.ts';
import { CLOCK_TOLERANCE_MINUTES } from './copies.ts';

type Test = Observation<'restore-test'>;

/**
 * Successful restore tests, newest first. A test dated in the future proves nothing yet.
 *
 * @param of the install database, or tenant databases
 */
export function successfulTests(tests: readonly Test[], of: 'install' | 'tenant', asOf: Instant): readonly Test[] {
  const latest = toMillis(asOf) + CLOCK_TOLERANCE_MINUTES * MINUTE;
  return tests
    .filter(({ value }) => (value.organizationId === null) === (of === 'install'))
    .filter(({ value }) => value.outcome === 'succeeded' && toMillis(value.performedAt) <= latest)
    .sort((a, b) => b.value.performedAt.localeCompare(a.value.performedAt));
}

/** The newest successful test of the install database and the newest of a tenant database, where there are any. */
export function newestTests(tests: readonly Test[], asOf: Instant): readonly Test[] {
  return [successfulTests(tests, 'install', asOf)[0], successfulTests(tests, 'tenant', asOf)[0]].filter(
    (test) => test !== undefined,
  );
}

/** Names a test without naming an organization: findings about the install are shown to many. */
export function restoredText(test: Test): string {
  return test.value.organizationId === null ? 'the install database' : 'a tenant database';
}

/** Whether two product versions are the same up to their second number; null where one of them has no two numbers. */
export function sameMajorVersion(a: string, b: string): boolean | null {
  const [left, right] = [majorOf(a), majorOf(b)];
  return left === null || right === null ? null : left === right;
}

function majorOf(version: string): string | null {
  const match = /^v?(\d+)\.(\d+)/.exec(version.trim());
  return match === null ? null : `${Number(match[1])}.${Number(match[2])}`;
}
