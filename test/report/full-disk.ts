import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OutputError } from '../../src/report/output-error.ts';
import { directorySink } from '../../src/report/sink.ts';

/*
 * node full-disk.ts DIRECTORY, in a mount namespace of its own: fills a file system of 1 MB with a report and prints
 * what came of it.
 */

const small = join(process.argv[2] ?? '', 'small');
mkdirSync(small);
execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
const output = await directorySink(join(small, 'report'));
try {
  const file = await output.sink.file('report.html');
  for (let written = 0; written < 4; written += 1) await file.write('x'.repeat(500_000));
  await file.close();
} catch (error) {
  await output.abort();
  const { name, message } = error instanceof OutputError ? error : { name: 'another error', message: String(error) };
  process.stdout.write(JSON.stringify({ name, message, left: readdirSync(small) }));
}
