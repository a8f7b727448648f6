import { statSync } from 'node:fs';
import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { FailureDomain } from '../model/policy.ts';
import type { Subject } from '../model/subject.ts';
import type { Collection } from './estate.ts';

/** What the configuration states about where a subject stands. A subject without a statement gets an empty answer. */
export function statedDomain(collection: Collection, subject: Subject, domain: FailureDomain | undefined): AnyEvidence {
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
  collection: Collection,
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
 * A path on the install host stands there. Where the configuration states another host, as for a mounted share, only
 * a path on the host's root file system contradicts it.
 */
export function pathDomain(
  collection: Collection,
  subject: Subject,
  path: string,
  stated: FailureDomain | undefined,
): readonly AnyEvidence[] {
  const { install } = collection.config;
  if (!install.collectorRunsHere) return [];
  if (stated !== undefined && deviceOf(path) !== deviceOf('/')) return [];
  const fact = domainFact({ host: install.host }, 'observed');
  return [
    collection.asker.record(
      { kind: 'failure-domain', subject, source: 'file system', operation: 'device of the path', locator: path },
      { items: [fact] },
    ),
  ];
}

function domainFact(domain: FailureDomain, origin: 'stated' | 'observed'): Facts['failure-domain'] {
  return {
    host: domain.host ?? null,
    site: domain.site ?? null,
    account: domain.account ?? null,
    region: domain.region ?? null,
    origin,
  };
}

function deviceOf(path: string): number | null {
  try {
    return statSync(path).dev;
  } catch {
    return null;
  }
}
