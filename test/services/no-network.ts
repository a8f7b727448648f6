import { spawnSync } from 'node:child_process';
import { unavailable } from './availability.ts';

/** What starts a program in a network of its own, in which not even the loopback is up: unshare(1). */
const WAYS = [
  ['unshare', '--map-root-user', '--net'],
  // Where users may not have names of their own, root can do without them.
  ['unshare', '--net'],
] as const;

/** The words to put before a command; null where this machine allows none of them. */
export function withoutNetwork(): readonly string[] | null {
  return WAYS.find(([program, ...args]) => spawnSync(program, [...args, 'true']).status === 0) ?? null;
}

/** Why nothing can be started without a network here (recorded for the test runner), or null. */
export function withoutNetworkUnavailable(): string | null {
  if (withoutNetwork() !== null) return null;
  return unavailable(
    'unshare',
    'unshare --net is refused: allow namespaces of users (user.max_user_namespaces), or run as root',
  );
}
