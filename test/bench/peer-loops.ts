import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { programOnPath } from '../services/availability.ts';
import { ROLE, type TenantInstall } from './tenant-install.ts';

/** What a program of twenty lines would do: connect to each database and send the statements one by one. */
export async function barePgLoop(
  { server, databases }: TenantInstall,
  statements: readonly string[],
  concurrency: number,
): Promise<void> {
  const queue = databases.values();
  const work = async (): Promise<void> => {
    for (const database of queue) {
      const client = new Client({ host: server.host, port: server.port, user: ROLE, database });
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

/** Why there is no psql loop here, or null. */
export function psqlLoopUnavailable(): string | null {
  const missing = ['psql', 'xargs'].filter((name) => programOnPath([name]) === null);
  return missing.length === 0 ? null : `${missing.join(' and ')} not found`;
}

/** The psql that the loop starts, with links resolved: Debian's is a script that looks up the newest version first. */
export function psqlPath(): string {
  const found = programOnPath(['psql']);
  return found === null ? 'none' : realpathSync(found);
}

/** The usual loop of an operator: xargs starts a psql for each database, several at a time. */
export async function psqlLoop(
  { server, databases }: TenantInstall,
  statements: readonly string[],
  concurrency: number,
  directory: string,
): Promise<void> {
  const file = join(directory, 'statements.sql');
  await writeFile(file, statements.map((statement) => `${statement};\n`).join(''));
  const access = ['-h', server.host, '-p', String(server.port), '-U', ROLE];
  const psql = [
    'psql',
    '-X',
    '-q',
    '-A',
    '-t',
    '-v',
    'ON_ERROR_STOP=1',
    ...access,
    '-o',
    '/dev/null',
    '-f',
    file,
    '-d',
  ];
  const child = spawn('xargs', ['-P', String(concurrency), '-n', '1', ...psql], { stdio: ['pipe', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(0, 4000);
  });
  child.stdin.end(databases.map((database) => `${database}\n`).join(''));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`the psql loop failed: ${errors}`);
}
