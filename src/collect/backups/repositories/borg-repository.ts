import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { withScratchDirectory } from '../../scratch-directory.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import type { PhysicalContents } from '../physical/physical-copy.ts';
import { readSmallFile } from '../physical/repository-reading.ts';
import { parseBorgArchives, parseBorgNode } from './borg-listing.ts';
import { shadowRepository } from './borg-shadow.ts';
import { readSnapshots, withStorageView } from './read-snapshots.ts';
import type { RepositoryReading } from './restic-repository.ts';
import { askProgram, findProgram, type ProgramEnd, type VendorQuestion } from './vendor-program.ts';

/**
 * Reads a repository of Borg 1.x through Borg: what its archives hold by their paths. Borg is shown links to the
 * repository, so that nothing it writes gets there.
 *
 * @throws only what `signal` was fired with; all else becomes a blind spot
 */
export async function readBorgRepository(tree: ArtifactTree, reading: RepositoryReading): Promise<PhysicalContents> {
  const nothing: PhysicalContents = { copies: [], archives: [], plans: [], unmatched: [], blindSpot: null };
  let files: readonly ArtifactFile[] = [];
  try {
    files = await repositoryFiles(tree, reading.signal);
    return { ...nothing, ...(await throughBorg(reading, files)) };
  } catch (error) {
    reading.signal.throwIfAborted();
    const segments = files.filter(({ path }) => SEGMENT.test(path));
    const viewed = withStorageView(error, segments.length, newestOf(segments), 'segment');
    return { ...nothing, blindSpot: reading.blindSpotOf(viewed) };
  }
}

const SEGMENT = /^data\/\d+\/\d+$/;
const LARGEST_CONFIG = 1024 * 1024;

async function repositoryFiles(tree: ArtifactTree, signal: AbortSignal): Promise<readonly ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  for await (const file of tree.list(signal)) files.push(file);
  const config = files.some(({ path }) => path === 'config')
    ? new TextDecoder().decode(await readSmallFile(tree, 'config', LARGEST_CONFIG, signal))
    : '';
  if (/^\[repository\]/m.test(config)) return files;
  const remedy = 'Name the directory that holds config and data.';
  throw new SourceError('malformed', `${JSON.stringify(tree.locator)} is no repository of Borg`, remedy);
}

async function throughBorg(reading: RepositoryReading, files: readonly ArtifactFile[]) {
  const { root, secret, signal } = reading;
  const executable = await findProgram('borg', reading.program);
  return withScratchDirectory(async (scratch) => {
    const [home, repository] = [join(scratch, 'home'), join(scratch, 'repository')];
    await mkdir(home);
    await mkdir(repository);
    await shadowRepository(root, files, repository);
    const ask = async (question: VendorQuestion, onLine: (line: string) => void): Promise<void> => {
      const end = await askProgram({ executable, question, secret, home, signal }, onLine);
      if (end.exitCode !== 0) throw problemOf(question, end);
    };
    let text = '';
    await ask({ ask: 'borg list', repository }, (line) => {
      text += `${line}\n`;
    });
    const { archives, encrypted } = parseBorgArchives(text);
    return readSnapshots(
      {
        method: 'borg',
        snapshots: archives,
        encrypted,
        entriesOf: ({ id }, onNode) =>
          ask({ ask: 'borg list archive', repository, archive: id }, (line) => {
            if (line !== '') onNode(parseBorgNode(line));
          }),
      },
      reading,
    );
  });
}

/** By the message ids of Borg 1.2 ("Internals", "Message IDs"), which `--log-json` writes. */
function problemOf({ ask }: VendorQuestion, { exitCode, complaint }: ProgramEnd): SourceError {
  const ids = [...complaint.matchAll(/"msgid": "([A-Za-z.]+)"/g)].map((match) => match[1] ?? '');
  if (
    ids.some((id) => /^(PassphraseWrong|NoPassphraseFailure|PasscommandFailure)$/.test(id)) ||
    /passphrase/i.test(complaint)
  ) {
    const remedy = 'Correct borg.passphrase of the location.';
    return new SourceError('unauthorized', 'borg has no passphrase that opens the repository', remedy);
  }
  if (ids.some((id) => /^Keyfile|^RepoKeyNotFound/.test(id))) {
    const remedy = 'Keys kept outside the repository are not read: keep the key in it (repokey), or attest restores.';
    return new SourceError('unsupported', 'the key of the repository is not in it', remedy);
  }
  const id = ids.findLast((one) => one.includes('.') || one.endsWith('Error'));
  const because = id === undefined ? '' : ` (${id})`;
  return new SourceError('malformed', `${ask} ended with code ${exitCode ?? 'none'}${because}`, 'Run borg check.');
}

function newestOf(files: readonly ArtifactFile[]): Instant | null {
  return files.reduce<Instant | null>(
    (best, { modifiedAt }) => (best === null || modifiedAt > best ? modifiedAt : best),
    null,
  );
}
