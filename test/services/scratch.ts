import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 25;

/** A folder of its own under the system's folder for temporary files, removed with its content on disposal. */
export interface ScratchDirectory extends Disposable {
  readonly path: string;
}

/** @param owner who shall own the folder (only root may ask for that); by default the current user */
export function scratchDirectory(
  purpose: string,
  owner?: { readonly uid: number; readonly gid: number },
): ScratchDirectory {
  const path = mkdtempSync(join(tmpdir(), `recoverage-${purpose}-`));
  if (owner) chownSync(path, owner.uid, owner.gid);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A TCP port on 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('the system gave no port'));
      });
    });
  });
}

/**
 * Asks again until the answer is neither null nor a throw.
 *
 * @param what what is waited for, for the error
 * @param givenUp tells, while waiting, why it can no longer happen; null as long as it can
 * @throws Error when the time is over or waiting is pointless, with the last throw as its cause
 */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | null>,
  timeoutMs = 60_000,
  givenUp: () => string | null = () => null,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await probe();
      if (answer !== null) return answer;
    } catch (error) {
      lastError = error;
    }
    const reason = givenUp();
    if (reason) throw new Error(`${what}: ${reason}`, { cause: lastError });
    await sleep(POLL_MS);
  }
  throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: lastError });
}
