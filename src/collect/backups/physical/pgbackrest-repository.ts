import type { BlindSpot } from '../../../model/evidence.ts';
import type { Secret } from '../../../model/secret.ts';
import { SourceError } from '../../../model/source-error.ts';
import type { ArtifactTree } from '../../trees/artifact-tree.ts';
import { joinedBlindSpot } from './pgbackrest/joined-blind-spot.ts';
import { readStanza, type StanzaContents } from './pgbackrest/read-stanza.ts';
import { listRepository } from './pgbackrest/repository-layout.ts';
import type { PhysicalContents, ReadingDepth } from './physical-copy.ts';
import { unmatchedList } from './unmatched-list.ts';

export interface PgBackRestReading {
  /**
   * `structure`: the catalogues and manifests by their checksums, and that every file is there with its size. `full`:
   * every byte of files and WAL, too.
   */
  readonly depth: ReadingDepth;
  /** `repo-cipher-pass`; null where the repository is not encrypted, or nobody gave it. */
  readonly passphrase: Secret | null;
  /** The configured server whose copies lie here; null where nothing says so. */
  readonly declaredServer: string | null;
  readonly signal: AbortSignal;
  /** A blind spot in words, with every known secret taken out. */
  readonly blindSpotOf: (error: unknown) => BlindSpot;
}

/**
 * Reads a repository of pgBackRest: all its stanzas, with every backup and the WAL archive of every cluster that a
 * stanza was made for. Labels of copies are `STANZA/LABEL`.
 *
 * Without the passphrase of an encrypted repository the copies are told by the names of their directories, and the WAL
 * archive by the names of its segments; whose they are and whether they are whole is then not known.
 *
 * @param tree its root is the path of the repository (`repo-path`), which holds `archive` and `backup`
 * @throws only what `signal` was fired with; all else becomes a blind spot
 */
export async function readPgBackRestRepository(
  tree: ArtifactTree,
  { depth, passphrase, declaredServer, signal, blindSpotOf }: PgBackRestReading,
): Promise<PhysicalContents> {
  const unmatched = unmatchedList();
  const stanzas: StanzaContents[] = [];
  const errors: unknown[] = [];
  try {
    const layout = await listRepository(tree, signal);
    for (const file of layout.others) unmatched.add(file, 'no part of a pgBackRest repository', '');
    if (layout.stanzas.length === 0) errors.push(noRepository(tree.locator));
    for (const stanza of layout.stanzas) {
      stanzas.push(await readStanza(stanza, { tree, depth, passphrase, signal, declaredServer, unmatched }));
    }
  } catch (error) {
    signal.throwIfAborted();
    errors.push(error);
  }
  errors.push(...stanzas.flatMap((stanza) => stanza.errors));
  return {
    copies: stanzas.flatMap((stanza) => stanza.copies),
    archives: stanzas.flatMap((stanza) => stanza.archives),
    // How long backups are kept (repo1-retention-full) lies in pgbackrest.conf on the server and in no repository.
    plans: [],
    unmatched: unmatched.facts(),
    ...(depth === 'full' ? {} : readingsOf(stanzas)),
    blindSpot: joinedBlindSpot(errors.map(blindSpotOf)),
  };
}

function readingsOf(stanzas: readonly StanzaContents[]): Pick<PhysicalContents, 'fullReadings' | 'archiveReadings'> {
  return {
    fullReadings: new Map(stanzas.flatMap((stanza) => [...stanza.fullReadings])),
    archiveReadings: new Map(stanzas.flatMap((stanza) => [...stanza.archiveReadings])),
  };
}

function noRepository(locator: string): SourceError {
  return new SourceError(
    'unsupported',
    `${locator} holds no repository of pgBackRest: neither archive nor backup is there`,
    'Give the path of the repository itself (repo-path), or wait for its first backup.',
  );
}
