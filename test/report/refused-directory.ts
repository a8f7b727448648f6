import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { OutputError } from '../../src/report/output-error.ts';
import { directorySink } from '../../src/report/sink.ts';

/*
 * node refused-directory.ts DIRECTORY [UID GID]: as that user, which owns the directory, takes its own right to write
 * there away and prints what came of writing a report into it. Root needs the user, as nothing is refused to root.
 */

const [directory = '', uid, gid] = process.argv.slice(2);
if (uid !== undefined && gid !== undefined) {
  process.setgroups?.([Number(gid)]);
  process.setgid?.(Number(gid));
  process.setuid?.(Number(uid));
}
chmodSync(directory, 0o500);
try {
  await directorySink(join(directory, 'reports', 'today'));
} catch (error) {
  const { name, message } = error instanceof OutputError ? error : { name: 'another error', message: String(error) };
  process.stdout.write(JSON.stringify({ name, message, user: process.getuid?.() ?? null }));
}
