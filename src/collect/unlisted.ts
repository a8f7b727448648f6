import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { FactKind } from '../model/facts.ts';
import type { Subject } from '../model/subject.ts';
import { systemClock } from './ask.ts';
import type { BundleSink, CollectOutcome } from './bundle-sink.ts';
import { declarationsAbout, declarationsRead } from './declarations.ts';
import { statedDomain } from './domains.ts';
import type { Collection, PartBuilder } from './estate.ts';

/**
 * The organizations could not be listed: a bundle that says so, so that a report still comes of it. That nobody looked
 * for copies of the install database is said as well, lest their absence look like a finding.
 */
export async function unlisted(
  collection: Collection,
  sink: BundleSink,
  blindSpot: BlindSpot,
): Promise<CollectOutcome> {
  const { host, port, name, failureDomain } = collection.config.install.database;
  const address = `${host}:${port}`;
  const install: Subject = { kind: 'install', key: 'unknown', organizationId: null, name: 'unknown' };
  const database: Subject = { kind: 'database', key: `install/${name}`, organizationId: null, name };
  const cluster: Subject = { kind: 'cluster', key: address, organizationId: null, name: address };
  const unanswered = (kind: FactKind, subject: Subject, why = blindSpot): AnyEvidence =>
    collection.asker.record(
      { kind, subject, source: 'install database', operation: 'connect and read', locator: `${address}/${name}` },
      { items: [], blindSpot: why },
    ) as AnyEvidence;
  const part: PartBuilder = {
    subjects: [{ subject: install }, { subject: database, cluster: cluster.key }, { subject: cluster }],
    evidence: [
      declarationsRead(collection, install),
      ...[install, database, cluster].flatMap((subject) => declarationsAbout(collection, subject)),
      statedDomain(collection, cluster, failureDomain),
      ...(['install', 'organization-list'] as const).map((kind) => unanswered(kind, install)),
      ...UNASKED.map((kind) => unanswered(kind, install, unasked(blindSpot))),
      ...(['database-state', 'copy', 'backup-run'] as const).map((kind) => unanswered(kind, database)),
      ...(['cluster', 'clock', 'access-rights'] as const).map((kind) => unanswered(kind, cluster)),
    ],
  };
  await sink.install({ type: 'install', ...part });
  await sink.finish({ type: 'trailer', organizationParts: 0, total: null, finishedAt: systemClock() });
  return { total: null, blindSpot };
}

/** What is asked about the install once its database tells which one it is. */
const UNASKED = ['backup-plan', 'restore-test', 'license', 'runbook'] as const;

function unasked({ reason, detail, remedy }: BlindSpot): BlindSpot {
  return { reason, detail: `not asked, as the organizations could not be listed: ${detail}`, remedy };
}
