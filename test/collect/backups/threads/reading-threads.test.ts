import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readLocation, readToEnd } from '../../../../src/collect/backups/artifact-index.ts';
import {
  createReadingThreads,
  type ReadingThreads,
  readingThreads,
} from '../../../../src/collect/backups/threads/reading-threads.ts';
import { recognizeArtifact } from '../../../../src/collect/backups/threads/recognize-artifact.ts';
import type { ReadingTask } from '../../../../src/collect/backups/threads/thread-messages.ts';
import type { DumpRecognition } from '../../../../src/collect/formats/pg-dump/dump-reading.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/dumps');
const LONGEST_END_MILLIS = 2000;
const { signal } = new AbortController();
const task = (paths: readonly string[], depth: ReadingTask['depth'] = 'structure'): ReadingTask => ({
  root: FIXTURES,
  places: paths.map((path) => ({ path, files: null })),
  depth,
});
const oddThreads = (threads: number) =>
  createReadingThreads({ threads, program: new URL('odd-thread.mjs', import.meta.url) });
/** What becomes of one artifact given alone. */
async function recognized({ recognize }: ReadingThreads, one: ReadingTask, stop = signal): Promise<DumpRecognition> {
  const [recognition] = await recognize(one, stop);
  if (recognition === undefined) expect.fail('no answer');
  return recognition();
}
const EMPTY = (what: string): DumpRecognition => ({ kind: 'empty', what });

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
      const together = await readingThreads.recognize(task(names, depth), signal);
      const here = await Promise.all(
        names.map((name) => recognizeArtifact(tree, { path: name, files: null }, { depth, signal })),
      );
      expect(together.map((recognition) => recognition())).toEqual(here);
    },
  );

  it('is opened by the same rules: no way out of the directory, and a reason where there is nothing', async () => {
    await expect(recognized(readingThreads, task(['../secret']))).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'malformed',
    });
    await expect(recognized(readingThreads, task(['absent.dump']))).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'unreachable',
    });
  });
});

describe('a thread that ends', () => {
  it.each([1, 2])('is a reason for the one artifact that ended it, with %i threads', async (threads) => {
    const odd = oddThreads(threads);
    const paths = ['a', 'b', 'crash', 'c', 'd'];
    const alone = await Promise.allSettled(paths.map((path) => recognized(odd, task([path]))));
    expect(alone.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(alone[2]).toMatchObject({ reason: { name: 'SourceError', reason: 'unsupported' } });
    await expect(recognized(odd, task(['later']))).resolves.toEqual(EMPTY('later'));
  });

  it.each([1, 2])('is no reason for those that were given together with it, with %i threads', async (threads) => {
    const { recognize } = oddThreads(threads);
    const [one, other] = await Promise.all([
      recognize(task(['a', 'crash', 'b', 'crash', 'c']), signal),
      recognize(task(['d', 'e']), signal),
    ]);
    const readable = one.filter((_, index) => index % 2 === 0);
    expect(readable.map((recognition) => recognition())).toEqual(['a', 'b', 'c'].map(EMPTY));
    for (const index of [1, 3]) expect(one[index]).toThrow(/reading a dump ended the thread that read it/);
    expect(other.map((recognition) => recognition())).toEqual(['d', 'e'].map(EMPTY));
  });

  it('at once where its work is interrupted, whatever it does, and others go on', async () => {
    const odd = oddThreads(1);
    const interruption = new AbortController();
    const endless = odd.recognize(task(['endless'], 'full'), interruption.signal);
    const waiting = odd.recognize(task(['waiting']), interruption.signal);
    const other = recognized(odd, task(['other']));
    await sleep(50);
    interruption.abort();
    await expect(endless).rejects.toMatchObject({ name: 'SourceError', reason: 'not-asked' });
    await expect(waiting).rejects.toMatchObject({ name: 'SourceError', reason: 'not-asked' });
    await expect(other).resolves.toEqual(EMPTY('other'));
    await expect(odd.recognize(task(['late']), interruption.signal)).rejects.toMatchObject({ reason: 'not-asked' });
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
