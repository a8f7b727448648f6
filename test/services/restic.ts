import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolUnavailable } from './availability.ts';

const run = promisify(execFile);

/** Why restic cannot be had here, or null. */
export function resticUnavailable(): string | null {
  return toolUnavailable('restic', ['restic']);
}

export const RESTIC_PASSWORD = 'correct horse';

/** A repository made by restic itself. */
export interface ResticRepository {
  readonly root: string;
  /** Backs up a path as of a time and gives the id of the snapshot. @param time `YYYY-MM-DD HH:MM:SS`, UTC */
  readonly backup: (path: string, time: string, host?: string, excludes?: readonly string[]) => Promise<string>;
}

/** @param directory gets the repository and what restic keeps beside it */
export async function resticRepository(directory: string): Promise<ResticRepository> {
  const root = join(directory, 'repository');
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory, TZ: 'UTC', RESTIC_PASSWORD };
  const command = async (...args: readonly string[]): Promise<string> => {
    const limits = { env, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 };
    return (await run('restic', ['--repo', root, '--no-cache', '--json', ...args], limits)).stdout;
  };
  await command('init');
  return {
    root,
    async backup(path, time, host = 'db1', excludes = []) {
      const left = excludes.map((pattern) => `--exclude=${pattern}`);
      const told = await command('backup', '--host', host, '--time', time, ...left, path);
      const id = /"snapshot_id":"([0-9a-f]+)"/.exec(told)?.[1];
      if (id === undefined) throw new Error(`restic told no snapshot: ${told.slice(-200)}`);
      return id;
    },
  };
}
