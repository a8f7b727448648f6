import { open } from 'node:fs/promises';
import type { Config } from '../../config/schema.ts';
import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { instantOrNull } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection } from '../estate.ts';
import { fileError, isAbsent } from '../trees/file-error.ts';

/** A runbook is some pages of text; of a larger file nobody reads the end at night. Bytes. */
const LARGEST = 4 * 1024 * 1024;

const NOT_NAMED: BlindSpot = {
  reason: 'not-asked',
  detail: 'the configuration names no runbook',
  remedy: 'Name it as install.runbook, a text file that the audit may read.',
};

/** The runbook of the install: whether it is there, and what in use it does not name. Nothing else of it is kept. */
export function runbookEvidence({ config, asker }: Collection, install: Subject): Promise<AnyEvidence> {
  const path = config.install.runbook;
  return asker.ask({
    kind: 'runbook',
    subject: install,
    source: 'runbook',
    operation: 'search for names',
    locator: path ?? 'not configured',
    answer: async () =>
      path === undefined
        ? { items: [], blindSpot: NOT_NAMED }
        : { items: [await readRunbook(path, namesInUse(config))] },
  });
}

/** Ids of providers and names of locations, as the configuration has them. */
export function namesInUse({ providers, locations }: Pick<Config, 'providers' | 'locations'>): readonly string[] {
  return [...new Set([...providers.map(({ id }) => id), ...locations.map(({ name }) => name)])];
}

/** @throws SourceError where it cannot be read, or is no text of the size of a runbook */
export async function readRunbook(path: string, names: readonly string[]): Promise<Facts['runbook']> {
  try {
    const handle = await open(path, 'r');
    try {
      const found = await handle.stat();
      if (!found.isFile() || found.size > LARGEST) {
        const remedy = 'Name the text file itself, of at most 4 MiB.';
        throw new SourceError('unsupported', `${JSON.stringify(path)} is no text of a runbook`, remedy);
      }
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(found.size), 0, found.size, 0);
      const text = buffer.toString('utf8', 0, bytesRead);
      return {
        path,
        exists: true,
        bytes: bytesRead,
        modifiedAt: instantOrNull(Math.trunc(found.mtimeMs)),
        searched: names.length,
        missing: names.filter((name) => !isNamed(text, name)).sort(),
      };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isAbsent(error))
      return { path, exists: false, bytes: 0, modifiedAt: null, searched: names.length, missing: [...names].sort() };
    throw fileError(error, path);
  }
}

/** Whether a text holds a name as a word of its own: `dumps` is in "copies in dumps.", and not in `dumps-old`. */
export function isNamed(text: string, name: string): boolean {
  const literal = name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return new RegExp(`(?<![\\w-]|\\w\\.)${literal}(?![\\w-]|\\.\\w)`, 'i').test(text);
}
