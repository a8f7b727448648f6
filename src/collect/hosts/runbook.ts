import type { Config } from '../../config/schema.ts';
import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { FailureDomain } from '../../model/policy.ts';
import { SourceError } from '../../model/source-error.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection, Estate } from '../estate.ts';
import { isAbsent } from '../trees/file-error.ts';
import { pathInCopy } from './dated-copies.ts';
import { fileCopyEvidence } from './file-copies.ts';
import type { Attachment } from './mounted-on.ts';
import { hostProbe } from './probe/host-probe.ts';
import type { HostAccess } from './read-host-file.ts';

/** A runbook is some pages of text; of a larger file nobody reads the end at night. Bytes. */
const LARGEST = 4 * 1024 * 1024;

const NOT_NAMED: BlindSpot = {
  reason: 'not-asked',
  detail: 'the configuration names no runbook',
  remedy: 'Name it as install.runbook, a text file that the audit may read.',
};

/**
 * The runbook of the install: whether it is there, what in use it does not name, and where it lies, with copies of it where
 * that is the install host. Nothing else of it is kept.
 */
export async function runbookEvidence(
  collection: Collection,
  { fileCopies }: Pick<Estate, 'fileCopies'>,
  install: Subject,
): Promise<readonly AnyEvidence[]> {
  const { config, asker, signal, digestKey } = collection;
  const path = config.install.runbook;
  const record = await asker.ask({
    kind: 'runbook',
    subject: install,
    source: 'runbook',
    operation: 'search for names',
    locator: path ?? 'not configured',
    answer: async () => {
      if (path === undefined) return { items: [], blindSpot: NOT_NAMED };
      const found = await readRunbook({ probe: hostProbe, digestKey, signal }, path, namesInUse(config));
      const attachment = await hostProbe.ask({ ask: 'attachment', path }, signal);
      return { items: [{ ...found, ...placeOf(config, path, attachment) }] };
    },
  });
  if (path === undefined || !config.install.collectorRunsHere) return [record];
  const source = { path, digest: 'file', isHere: true } as const;
  return [record, ...(await fileCopyEvidence(collection, fileCopies, install, source))];
}

/**
 * Where the runbook lies: as stated of itself, or of the location in whose directory it lies; else a path on a disk of the
 * install host lies there. Read on a disk of another machine it does not lie on the install host, and no more is known.
 */
function placeOf(
  { install, locations }: Pick<Config, 'install' | 'locations'>,
  path: string,
  attachment: Attachment,
): Pick<Facts['runbook'], 'place' | 'notOn'> {
  const around = locations.find(
    (one) =>
      one.kind === 'directory' &&
      one.reachableFrom === undefined &&
      one.failureDomain !== undefined &&
      pathInCopy(path, one.path) !== null,
  );
  const stated = install.runbookFailureDomain ?? around?.failureDomain;
  if (stated !== undefined) return { place: placed(stated, 'stated') };
  if (attachment !== 'local') return { place: null };
  return install.collectorRunsHere
    ? { place: placed({ host: install.host }, 'observed') }
    : { place: null, notOn: install.host };
}

function placed({ host, site, account, region }: FailureDomain, origin: 'stated' | 'observed') {
  return { host: host ?? null, site: site ?? null, account: account ?? null, region: region ?? null, origin };
}

/** Ids of providers and names of locations, as the configuration has them. */
export function namesInUse({ providers, locations }: Pick<Config, 'providers' | 'locations'>): readonly string[] {
  return [...new Set([...providers.map(({ id }) => id), ...locations.map(({ name }) => name)])];
}

/** @throws SourceError where it cannot be read, or is no text of the size of a runbook */
export async function readRunbook(
  { probe, digestKey, signal }: HostAccess,
  path: string,
  names: readonly string[],
): Promise<Facts['runbook']> {
  try {
    const found = await probe.ask({ ask: 'runbook', path, key: digestKey.reveal(), names, most: LARGEST }, signal);
    if (found === null) {
      const remedy = 'Name the text file itself, of at most 4 MiB.';
      throw new SourceError('unsupported', `${JSON.stringify(path)} is no text of a runbook`, remedy);
    }
    const { bytes, modifiedAt, digest, missing } = found;
    return { path, exists: true, bytes, modifiedAt, searched: names.length, missing: [...missing], digest };
  } catch (error) {
    if (!(error instanceof SourceError) || !isAbsent(error.cause)) throw error;
    return { path, exists: false, bytes: 0, modifiedAt: null, searched: names.length, missing: [...names].sort() };
  }
}
