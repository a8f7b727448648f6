import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from './run-cli.ts';

/*
 * node on-full-disk.ts DIRECTORY BUNDLE, in a mount namespace of its own: renders the bundle into a file system of
 * 1 MB that is nearly full, and prints what came of it.
 */

const [directory = '', bundle = ''] = process.argv.slice(2);
execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory]);
writeFileSync(join(directory, 'filler'), Buffer.alloc(1_000_000));
const render = await runCli(['render', '--bundle', bundle, '--output', join(directory, 'report')]);
process.stdout.write(JSON.stringify({ render, left: readdirSync(directory) }));
