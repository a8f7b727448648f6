import type { AnyEvidence } from '../model/evidence.ts';
import type { Answer } from './ask.ts';
import { clusterCopyEvidence } from './cluster-copy-evidence.ts';
import { declarationsAbout } from './declarations.ts';
import { statedDomain } from './domains.ts';
import type { Collection, Estate, PartBuilder } from './estate.ts';
import { globalsEvidence } from './globals-evidence.ts';
import type { ArchiverReading } from './organizations/archiver.ts';

/** Every server that holds databases of the install: who it is, its clock, and what the audit's role may do there. */
export function clusterEvidence(collection: Collection, estate: Estate, part: PartBuilder): readonly AnyEvidence[] {
  return [...estate.known.values()].flatMap((known) => {
    const { subject, server, catalogue } = known;
    part.subjects.push({ subject });
    const question = { subject, source: `server ${subject.name}`, locator: `${server.host}:${server.port}` };
    const blind = { items: [], blindSpot: known.blindSpot };
    const facts = catalogue?.server;
    return [
      statedDomain(collection, subject, server.failureDomain),
      ...clusterCopyEvidence(collection, estate, known),
      ...globalsEvidence(collection, estate, known),
      ...declarationsAbout(collection, subject),
      collection.asker.record(
        { kind: 'cluster', ...question, operation: 'version and pg_control_system()' },
        facts === undefined
          ? blind
          : {
              items: [
                {
                  systemIdentifier: facts.systemIdentifier,
                  serverVersion: facts.serverVersion,
                  majorVersion: facts.majorVersion,
                  host: server.host,
                  port: server.port,
                },
              ],
            },
      ),
      collection.asker.record(
        { kind: 'clock', ...question, operation: 'clock_timestamp()' },
        facts === undefined ? blind : { items: [facts.clock] },
      ),
      collection.asker.record(
        { kind: 'access-rights', ...question, operation: 'pg_roles and grants' },
        catalogue === null
          ? blind
          : { items: [{ canWrite: catalogue.rights.canWrite, because: catalogue.rights.because }] },
      ),
      {
        ...collection.asker.record(
          { kind: 'archiver', ...question, operation: 'pg_stat_archiver and pg_control_checkpoint()' },
          catalogue === null ? blind : archiverAnswer(collection, catalogue.archiver, question.source),
        ),
        // How long something waits counts from when the server was asked, and archives were listed after that.
        collectedAt: known.collectedAt,
      },
    ];
  });
}

function archiverAnswer({ asker }: Collection, reading: ArchiverReading, source: string): Answer<'archiver'> {
  if ('facts' in reading) return { items: [reading.facts] };
  return { items: [], blindSpot: asker.blindSpotOf(reading.blind, source) };
}
