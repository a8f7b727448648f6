import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeBundle } from '../../src/pipeline/bundle-file.ts';
import { OutputError } from '../../src/report/output-error.ts';

/*
 * node bundle-on-full-disk.ts DIRECTORY, in a mount namespace of its own: fills a file system of 1 MB with a bundle and
 * prints what came of it.
 */

const small = join(process.argv[2] ?? '', 'small');
mkdirSync(small);
execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
const long = 'x'.repeat(500_000);
const header = { type: 'header', runId: long } as unknown as Parameters<typeof writeBundle>[1];
const writer = await writeBundle(join(small, 'evidence.ndjson'), header);
try {
  for (let written = 0; written < 4; written += 1) await writer.sink.finish({ type: 'trailer', more: long } as never);
  await writer.commit();
} catch (error) {
  await writer.abort();
  const { message, hint } = error instanceof OutputError ? error : { message: String(error), hint: null };
  process.stdout.write(JSON.stringify({ message, hint, left: readdirSync(small) }));
}
