import { expect, test } from 'vitest';
import { ELSEWHERE, notTold } from '../../../src/collect/hosts/elsewhere.ts';
import type { JoinedBundle } from '../../../src/collect/recorded/joined-hosts.ts';

test('a path of which no bundle tells is not said to be elsewhere: its plan did not ask for it', () => {
  expect(notTold({ bundles: [] }, '/etc/boot.env')).toBe(ELSEWHERE);
  const { detail, remedy } = notTold({ bundles: [{} as JoinedBundle] }, '/etc/boot.env');
  expect(detail).toContain('no bundle that was given tells of /etc/boot.env');
  expect(remedy).toMatch(/^Write a new plan/);
});
