import type { BlindSpot } from '../../../model/evidence.ts';
import { type Instant, toInstant } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { parseBackupLabel } from '../../formats/pgbackrest/backup-label.ts';
import {
  type InfoBackup,
  type InfoStanza,
  parseInfoOutput,
  statusProblem,
} from '../../formats/pgbackrest/info-output.ts';
import { timelineOf } from '../../formats/wal-segments.ts';
import { copyLabel, neededBy } from './pgbackrest/describe-copy.ts';
import { joinedBlindSpot } from './pgbackrest/joined-blind-spot.ts';
import type { PhysicalContents, PhysicalCopy } from './physical-copy.ts';

export interface PgBackRestInfoReading {
  /** Where the file lies, relative to its location. */
  readonly path: string;
  /** Storage time of the file: what it says was so then. */
  readonly modifiedAt: Instant;
  readonly declaredServer: string | null;
  /** `repo-key` of the repository that is meant; null for all that the output tells of. */
  readonly repository: number | null;
  readonly blindSpotOf: (error: unknown) => BlindSpot;
}

/**
 * Reads a file that holds the output of `pgbackrest info --output=json`. It lists backups and looks at none, so no copy
 * is more than unproven, and it tells the ends of the WAL archive and not what lies between, so there is no archive.
 * Labels are `STANZA/LABEL`, or `repoN/STANZA/LABEL` where several repositories are told of.
 *
 * @param text the whole file, UTF-8
 */
export function readPgBackRestInfoJson(text: string, reading: PgBackRestInfoReading): PhysicalContents {
  const { blindSpotOf } = reading;
  const nothing = { copies: [], archives: [], plans: [], unmatched: [] };
  let stanzas: readonly InfoStanza[];
  try {
    stanzas = parseInfoOutput(text);
  } catch (error) {
    return { ...nothing, blindSpot: blindSpotOf(error) };
  }
  const copies = stanzas.flatMap((stanza) => copiesOf(stanza, reading));
  const errors = stanzas.flatMap((stanza) => problemsOf(stanza, reading.repository));
  return { ...nothing, copies, blindSpot: joinedBlindSpot([...errors, walUnseen()].map(blindSpotOf)) };
}

function copiesOf(stanza: InfoStanza, reading: PgBackRestInfoReading): readonly PhysicalCopy[] {
  const several = stanza.repo.length > 1;
  return stanza.backup
    .filter(({ database }) => reading.repository === null || database['repo-key'] === reading.repository)
    .map((backup) => copyOf(backup, stanza, several, reading));
}

function copyOf(
  backup: InfoBackup,
  { name, repo, db }: InfoStanza,
  several: boolean,
  { path, modifiedAt, declaredServer }: PgBackRestInfoReading,
): PhysicalCopy {
  const key = backup.database['repo-key'];
  const stanza = several ? `repo${key}/${name}` : name;
  const cluster = db.find((one) => one.id === backup.database.id && one['repo-key'] === key);
  const cipher = repo.find((one) => one.key === key)?.cipher ?? 'none';
  const segment = backup.archive?.stop ?? backup.archive?.start ?? null;
  const references = { 'backup-reference': backup.reference, 'backup-prior': backup.prior };
  return {
    label: copyLabel(stanza, backup.label),
    path,
    method: 'pgbackrest',
    format: cipher === 'none' ? 'repository' : `repository, ${cipher}`,
    kind: parseBackupLabel(backup.label)?.kind ?? 'full',
    needs: neededBy(backup.label, references).map((needed) => copyLabel(stanza, needed)),
    cluster: { systemIdentifier: cluster?.['system-id'] ?? null, endpoints: [], declaredServer },
    timeline: segment === null ? null : timelineOf(segment),
    databases: backup['database-ref'] ?? null,
    startedAt: toInstant(backup.timestamp.start * 1000),
    stoppedAt: toInstant(backup.timestamp.stop * 1000),
    timesFrom: 'pgbackrest info',
    wal: {
      startLsn: backup.lsn?.start ?? null,
      stopLsn: backup.lsn?.stop ?? null,
      firstSegment: backup.archive?.start ?? null,
      lastSegment: backup.archive?.stop ?? null,
      inside: false,
    },
    serverVersion: cluster?.version ?? null,
    toolVersion: backup.backrest?.version ?? null,
    bytes: backup.info.repository?.delta ?? 0,
    modifiedAt,
    ...verdictOf(backup),
    readToEnd: false,
    encrypted: cipher !== 'none',
    lockedUntil: null,
    domain: null,
  };
}

function verdictOf({ error }: InfoBackup): Pick<PhysicalCopy, 'integrity' | 'integrityBecause'> {
  if (error === true) {
    const because = 'pgBackRest found pages with wrong checksums in the data directory while it made this backup';
    return { integrity: 'incomplete', integrityBecause: because };
  }
  return { integrity: 'unproven', integrityBecause: 'pgbackrest info lists it, and its files were not looked at' };
}

/** The texts of the statuses may hold paths and more, so only the codes are told. */
function problemsOf({ name, status, repo }: InfoStanza, repository: number | null): readonly SourceError[] {
  const asked = repo.filter(({ key }) => repository === null || key === repository);
  const where = JSON.stringify(name.slice(0, 80));
  const problems = asked.map((one) => [`stanza ${where}, repository ${one.key}`, one.status.code] as const);
  const all = repo.length === 0 ? [[`stanza ${where}`, status.code] as const] : problems;
  return all.flatMap(([place, code]) => {
    const problem = statusProblem(code);
    if (problem === null) return [];
    const remedy = 'Run "pgbackrest info" on the host of the repository and follow what it says.';
    return [new SourceError('malformed', `pgbackrest info says of ${place}: ${problem}`, remedy)];
  });
}

function walUnseen(): SourceError {
  return new SourceError(
    'not-asked',
    'the output of pgbackrest info shows neither the files of the backups nor whether the WAL archive is without gaps',
    'Let the audit read the repository itself, with its passphrase where it is encrypted.',
  );
}
