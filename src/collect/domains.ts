import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { FailureDomain } from '../model/policy.ts';
import type { Subject } from '../model/subject.ts';
import type { Collection, OpenLocation } from './estate.ts';
import { type Attachment, attachmentOf } from './hosts/mounted-on.ts';

/** A stated domain; of a directory also how its storage is attached where it looks like a disk of the host. */
type StatedDomain = FailureDomain & { readonly attachedAs?: string | undefined };

/** On which host a path was looked at, by default the install host, and how it is attached there, where somebody asked. */
interface LookedAt {
  readonly reachableFrom?: string | undefined;
  readonly attachment?: Attachment | undefined;
}

type Recorder = Pick<Collection, 'config' | 'asker'> & Partial<Pick<Collection, 'joined'>>;

/**
 * Where a location is stated to stand, and where its directory is seen to. Of a directory that only tells of copies which
 * lie elsewhere, its own place says nothing against the statement.
 */
export function locationDomains(
  collection: Recorder,
  { config, subject, attachment }: Pick<OpenLocation, 'config' | 'subject' | 'attachment'>,
): readonly AnyEvidence[] {
  const stated = statedDomain(collection, subject, config.failureDomain);
  if (config.kind !== 'directory') return [stated];
  const onlyTells = config.purposes.every(
    (purpose) =>
      purpose === 'filesystem-snapshots' ||
      purpose === 'inventory' ||
      (purpose === 'pgbackrest' && config.pgbackrest?.info !== undefined),
  );
  if (onlyTells && config.failureDomain !== undefined) return [stated];
  const { path, failureDomain, reachableFrom } = config;
  return [stated, ...pathDomain(collection, subject, path, failureDomain, { reachableFrom, attachment })];
}

/** What the configuration states about where a subject stands. A subject without a statement gets an empty answer. */
export function statedDomain(collection: Recorder, subject: Subject, domain: StatedDomain | undefined): AnyEvidence {
  return collection.asker.record(
    {
      kind: 'failure-domain',
      subject,
      source: 'configuration',
      operation: 'failureDomain',
      locator: 'configuration file',
      grade: 'declared',
    },
    { items: domain === undefined ? [] : [domainFact(domain, 'stated')] },
  );
}

/** Where a provider or store itself says that it stands (the account and region of an ARN). */
export function observedDomain(
  collection: Recorder,
  subject: Subject,
  domain: Facts['failure-domain'],
  source: string,
  locator: string,
): AnyEvidence {
  return collection.asker.record(
    { kind: 'failure-domain', subject, source, operation: 'its own answer', locator },
    { items: [domain] },
  );
}

/**
 * A path on the install host stands there. Where the configuration states a domain, as for a mounted share, only a path
 * on a disk of the host tells against it; a share that is not mounted leaves such a path behind.
 */
export function pathDomain(
  collection: Recorder,
  subject: Subject,
  path: string,
  stated: FailureDomain | undefined,
  { reachableFrom, attachment: seen }: LookedAt = {},
): readonly AnyEvidence[] {
  const { install } = collection.config;
  const host = reachableFrom ?? install.host;
  const isHere = install.collectorRunsHere && host.toLowerCase() === install.host.toLowerCase();
  // On another host it is as its bundle tells; where nobody looked, nothing is observed.
  const attachment = isHere ? (seen ?? null) : (collection.joined?.attachment(path) ?? null);
  if (!isHere && attachment === null) return [];
  if (stated !== undefined && (attachment ?? attachmentOf(path)) !== 'local') return [];
  const fact = domainFact({ host }, 'observed');
  return [
    collection.asker.record(
      { kind: 'failure-domain', subject, source: 'file system', operation: 'device of the path', locator: path },
      { items: [fact] },
    ),
  ];
}

/** Where files of a location are those of another under other names: both lie in one file system, wherever that is. */
export function sharedPlace(collection: Recorder, subject: Subject, other: string, locator: string): AnyEvidence {
  const fact = { ...domainFact({}, 'observed'), sameFilesAs: other };
  return observedDomain(collection, subject, fact, 'file system', locator);
}

function domainFact(domain: StatedDomain, origin: 'stated' | 'observed'): Facts['failure-domain'] {
  return {
    host: domain.host ?? null,
    site: domain.site ?? null,
    account: domain.account ?? null,
    region: domain.region ?? null,
    origin,
    ...(domain.attachedAs === undefined ? {} : { attachedAs: domain.attachedAs }),
  };
}
