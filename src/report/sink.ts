import { createHash, type Hash } from 'node:crypto';
import { chmodSync, mkdtempSync, renameSync } from 'node:fs';
import { type FileHandle, mkdir, open, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ReportSink } from '../model/report.ts';
import { noteUnfinished } from '../model/unfinished.ts';
import { REPORT_OUTPUT, toOutputError } from './output-error.ts';
import { checkReplaceable, MANIFEST, manifestLine } from './replaceable.ts';

/** A report on its way to disk. Exactly one of `commit` and `abort` ends it; `abort` may also follow a failed `commit`. */
export interface ReportOutput {
  readonly sink: ReportSink;
  /**
   * Puts the whole report in its place, with a `manifest.sha256` over all files.
   *
   * @returns the names of the files below the directory, sorted
   * @throws OutputError when that fails; what was there before is then still there
   */
  commit(): Promise<readonly string[]>;
  /** Removes everything written so far. Safe to call at any time, also twice; after `commit` it does nothing. */
  abort(): Promise<void>;
}

const DIRECTORY_MODE = 0o750;
const FILE_MODE = 0o640;
const BUFFER_BYTES = 256 * 1024;
/** Names are the program's own, never text from outside. */
const FILE_NAME = /^(?:[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9-]*(?:\.[a-z0-9]+)+$/;

/**
 * Writes a report whole or not at all: into a hidden directory beside the wanted one, renamed when everything is on
 * disk. Files are 0640 and directories 0750, less what the umask takes.
 *
 * @param directory where the report shall be; missing parents are made; an earlier report there is replaced as a whole
 * @throws OutputError when the directory cannot be made, or holds something that is not a report
 */
export async function directorySink(directory: string): Promise<ReportOutput> {
  const target = await realpath(directory).catch(() => resolve(directory));
  const guarded = <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw toOutputError(error, target, REPORT_OUTPUT);
    });
  const temporary = await guarded(async () => {
    await mkdir(dirname(target), { recursive: true, mode: DIRECTORY_MODE });
    await checkReplaceable(target);
    // Made in one step with its note: between the two no signal can come.
    const made = mkdtempSync(join(dirname(target), `.${basename(target)}.part-`));
    chmodSync(made, DIRECTORY_MODE);
    return made;
  });
  const noLongerUnfinished = noteUnfinished(temporary);

  const open = new Set<FileHandle>();
  const digests = new Map<string, string>();
  let ended = false;
  const sink: ReportSink = {
    file: (name) =>
      guarded(async () => {
        if (ended) throw new RangeError('the report has ended');
        if (!FILE_NAME.test(name) || digests.has(name)) throw new RangeError(`not a file name for a report: ${name}`);
        digests.set(name, '');
        return await openFile(temporary, name, open, guarded, (digest) => digests.set(name, digest));
      }),
  };
  const abort = async (): Promise<void> => {
    ended = true;
    await Promise.allSettled([...open].map((handle) => handle.close()));
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
    noLongerUnfinished();
  };
  const commit = (): Promise<readonly string[]> =>
    guarded(async () => {
      const names = [...digests.keys()].toSorted();
      const unfinished = names.find((name) => digests.get(name) === '');
      if (unfinished !== undefined) throw new RangeError(`the file ${unfinished} was not closed`);
      const lines = names.map((name) => manifestLine(digests.get(name) ?? '', name));
      const manifest = await sink.file(MANIFEST);
      await manifest.write(lines.join(''));
      await manifest.close();
      ended = true;
      await replace(target, temporary, noLongerUnfinished);
      return [...names, MANIFEST].toSorted();
    });
  return { sink, commit, abort };
}

async function openFile(
  directory: string,
  name: string,
  handles: Set<FileHandle>,
  guarded: <T>(work: () => Promise<T>) => Promise<T>,
  done: (digest: string) => void,
): ReturnType<ReportSink['file']> {
  const path = join(directory, name);
  if (name.includes('/')) await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  const handle = await open(path, 'wx', FILE_MODE);
  handles.add(handle);
  const hash: Hash = createHash('sha256');
  let pending: Buffer[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (size === 0) return;
    const bytes = Buffer.concat(pending, size);
    pending = [];
    size = 0;
    hash.update(bytes);
    await handle.writeFile(bytes);
  };
  return {
    async write(chunk) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : Buffer.from(chunk);
      pending.push(bytes);
      size += bytes.length;
      if (size >= BUFFER_BYTES) await guarded(flush);
    },
    close: () =>
      guarded(async () => {
        await flush();
        await handle.sync();
        handles.delete(handle);
        await handle.close();
        done(hash.digest('hex'));
      }),
  };
}

/**
 * Swaps the finished directory in. There is no portable exchange of two directories, so the old one is moved aside
 * first and back if that fails; without waiting in between, so that no interruption finds neither in its place.
 */
async function replace(target: string, finished: string, inPlace: () => void): Promise<void> {
  if (await checkReplaceable(target)) {
    const aside = `${finished}-old`;
    renameSync(target, aside);
    try {
      renameSync(finished, target);
    } catch (error) {
      renameSync(aside, target);
      throw error;
    }
    inPlace();
    const removed = noteUnfinished(aside);
    await rm(aside, { recursive: true, force: true, maxRetries: 3 });
    removed();
  } else {
    renameSync(finished, target);
    inPlace();
  }
  const parent = await open(dirname(target), 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}
