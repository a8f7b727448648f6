import type { Config } from '../../config/schema.ts';
import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection } from '../estate.ts';
import { isAbsent } from '../trees/file-error.ts';
import { hostProbe } from './probe/host-probe.ts';
import type { HostAccess } from './read-host-file.ts';

/** A runbook is some pages of text; of a larger file nobody reads the end at night. Bytes. */
const LARGEST = 4 * 1024 * 1024;

const NOT_NAMED: BlindSpot = {
  reason: 'not-asked',
  detail: 'the configuration names no runbook',
  remedy: 'Name it as install.runbook, a text file that the audit may read.',
};

/** The runbook of the install: whether it is there, and what in use it does not name. Nothing else of it is kept. */
export function runbookEvidence({ config, asker, signal }: Collection, install: Subject): Promise<AnyEvidence> {
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
        : { items: [await readRunbook({ probe: hostProbe, signal }, path, namesInUse(config))] },
  });
}

/** Ids of providers and names of locations, as the configuration has them. */
export function namesInUse({ providers, locations }: Pick<Config, 'providers' | 'locations'>): readonly string[] {
  return [...new Set([...providers.map(({ id }) => id), ...locations.map(({ name }) => name)])];
}

/** @throws SourceError where it cannot be read, or is no text of the size of a runbook */
export async function readRunbook(
  { probe, signal }: Pick<HostAccess, 'probe' | 'signal'>,
  path: string,
  names: readonly string[],
): Promise<Facts['runbook']> {
  try {
    const found = await probe.ask({ ask: 'runbook', path, names, most: LARGEST }, signal);
    if (found === null) {
      const remedy = 'Name the text file itself, of at most 4 MiB.';
      throw new SourceError('unsupported', `${JSON.stringify(path)} is no text of a runbook`, remedy);
    }
    const { bytes, modifiedAt, missing } = found;
    return { path, exists: true, bytes, modifiedAt, searched: names.length, missing: [...missing] };
  } catch (error) {
    if (!(error instanceof SourceError) || !isAbsent(error.cause)) throw error;
    return { path, exists: false, bytes: 0, modifiedAt: null, searched: names.length, missing: [...names].sort() };
  }
}
