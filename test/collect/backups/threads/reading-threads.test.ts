import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readLocation, readToEnd } from '../../../../src/collect/backups/artifact-index.ts';
import { createReadingThreads, readingThreads } from '../../../../src/collect/backups/threads/reading-threads.ts';
import { recognizeArtifact } from '../../../../src/collect/backups/threads/recognize-artifact.ts';
import type { ReadingTask } from '../../../../src/collect/backups/threads/thread-messages.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/dumps');
const LONGEST_END_MILLIS = 2000;
const { signal } = new AbortController();
const task = (path: string, depth: ReadingTask['depth'] = 'structure'): ReadingTask => ({
  root: FIXTURES,
  path,
  files: null,
  depth,
});
const oddThreads = (threads: number) =>
  createReadingThreads({ threads, program: new URL('odd-thread.mjs', import.meta.url) });

/** A dump that takes minutes to read and no room on the disk: text, then a hole. */
function writeEndlessDump(directory: string): void {
  const file = join(directory, 'large.sql');
  writeFileSync(file, '--\n-- PostgreSQL database dump\n--\n\n');
  truncateSync(file, 512 * 2 ** 30);
}

describe('what a thread reads', () => {
  it.each(['structure', 'full'] as const)(
    'is what is read without one, every dump to the same facts: %s',
    async (depth) => {
      const names = readdirSync(FIXTURES, { withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? entry.name : [],
      );
      expect(names.length).toBeGreaterThan(5);
      const tree = localDirectoryTree({ root: FIXTURES });
      const inThreads = await Promise.all(names.map((name) => readingThreads.recognize(task(name, depth), signal)));
      const here = await Promise.all(
        names.map((name) => recognizeArtifact(tree, { path: name, files: null }, { depth, signal })),
      );
      expect(inThreads).toEqual(here);
    },
  );

  it('is opened by the same rules: no way out of the directory, and a reason where there is nothing', async () => {
    await expect(readingThreads.recognize(task('../secret'), signal)).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'malformed',
    });
    await expect(readingThreads.recognize(task('absent.dump'), signal)).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'unreachable',
    });
  });
});

describe('a thread that ends', () => {
  it.each([1, 2])('is a reason for the one artifact that ended it, with %i threads', async (threads) => {
    const { recognize } = oddThreads(threads);
    const paths = ['a', 'b', 'crash', 'c', 'd'];
    const outcomes = await Promise.allSettled(paths.map((path) => recognize(task(path), signal)));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(outcomes[2]).toMatchObject({ reason: { name: 'SourceError', reason: 'unsupported' } });
    await expect(recognize(task('later'), signal)).resolves.toEqual({ kind: 'empty', what: 'later' });
  });

  it('at once where its work is interrupted, whatever it does, and others go on', async () => {
    const { recognize } = oddThreads(1);
    const interruption = new AbortController();
    const endless = recognize(task('endless', 'full'), interruption.signal);
    const waiting = recognize(task('waiting'), interruption.signal);
    const other = recognize(task('other'), signal);
    await sleep(50);
    interruption.abort();
    await expect(endless).rejects.toMatchObject({ name: 'SourceError', reason: 'not-asked' });
    await expect(waiting).rejects.toMatchObject({ name: 'SourceError', reason: 'not-asked' });
    await expect(other).resolves.toEqual({ kind: 'empty', what: 'other' });
    await expect(recognize(task('late'), interruption.signal)).rejects.toMatchObject({ reason: 'not-asked' });
  });
});

describe('while a large dump is read in full', () => {
  it('the thread of all other sources is mostly free, and their time limits hold', async () => {
    using location = scratchDirectory('large-dump');
    writeEndlessDump(location.path);
    const tree = localDirectoryTree({ root: location.path });
    const place = { name: 'large', tree, timeZone: null, servers: null };
    const refuse = (error: unknown): never => {
      throw error;
    };
    const { artifacts } = await readLocation(place, new Set(), refuse, signal);
    const [artifact] = artifacts;
    if (artifact === undefined) expect.fail('the dump was not found');
    const interruption = new AbortController();
    let isOver = false;
    const reading = readToEnd(artifact, interruption.signal).finally(() => {
      isOver = true;
    });
    const outcome = expect(reading).rejects.toMatchObject({ name: 'SourceError', reason: 'not-asked' });
    const before = performance.eventLoopUtilization();
    const limit = AbortSignal.timeout(500);
    await once(limit, 'abort');
    // What one thread does alone would leave it no idle time at all.
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
    expect(isOver).toBe(false);
    interruption.abort();
    await outcome;
  });

  it('Ctrl-C ends the process in time', async () => {
    using location = scratchDirectory('large-dump');
    writeEndlessDump(location.path);
    const script = join(import.meta.dirname, 'read-until-interrupted.ts');
    const child = spawn(process.execPath, [script, location.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const interruptedAt = performance.now();
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(performance.now() - interruptedAt).toBeLessThan(LONGEST_END_MILLIS);
    expect({ exitCode: child.exitCode, signal: child.signalCode }).toEqual({ exitCode: 130, signal: null });
  });
});
