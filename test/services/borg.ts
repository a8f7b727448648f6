import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolUnavailable } from './availability.ts';

const run = promisify(execFile);

/** Why Borg cannot be had here, or null. */
export function borgUnavailable(): string | null {
  return toolUnavailable('borg', ['borg']);
}

export const BORG_PASSPHRASE = 'correct horse';

/** A repository made by Borg itself. */
export interface BorgRepository {
  readonly root: string;
  /** Archives a path below `from` as of a time. @param time `YYYY-MM-DDTHH:MM:SS`, UTC */
  readonly create: (
    archive: string,
    from: string,
    path: string,
    time: string,
    excludes?: readonly string[],
  ) => Promise<void>;
}

/** @param directory gets the repository and what Borg keeps beside it */
export async function borgRepository(directory: string, mode = 'repokey-blake2'): Promise<BorgRepository> {
  const root = join(directory, 'repository');
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    TZ: 'UTC',
    LC_ALL: 'C.UTF-8',
    BORG_BASE_DIR: join(directory, 'borg'),
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
    ...(mode === 'none' ? {} : { BORG_PASSPHRASE }),
  };
  const command = (args: readonly string[], cwd: string) => run('borg', args, { env, cwd, timeout: 60_000 });
  await command(['init', '-e', mode, root], directory);
  return {
    root,
    async create(archive, from, path, time, excludes = []) {
      const left = excludes.flatMap((pattern) => ['--exclude', pattern]);
      await command(['create', '--timestamp', time, ...left, `${root}::${archive}`, path], from);
    },
  };
}
