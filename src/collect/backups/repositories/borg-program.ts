import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceError } from '../../../model/source-error.ts';
import { withScratchDirectory } from '../../scratch-directory.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { DamagedData } from '../../trees/damaged-data.ts';
import { readSmallFile } from '../physical/repository-reading.ts';
import { type AskedProgram, askedProgram, type RepositoryAccess } from './asked-program.ts';
import { type BorgArchives, parseBorgArchives, parseBorgNode } from './borg-listing.ts';
import { shadowRepository } from './borg-shadow.ts';
import type { SnapshotNode } from './snapshot-contents.ts';
import { findProgram, type ProgramEnd } from './vendor-program.ts';
import type { VendorQuestion } from './vendor-questions.ts';

const LARGEST_CONFIG = 1024 * 1024;

/** What lies in a repository of Borg. @throws SourceError where it is none, or cannot be listed */
export async function borgFiles(tree: ArtifactTree, signal: AbortSignal): Promise<readonly ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  for await (const file of tree.list(signal)) files.push(file);
  const config = files.some(({ path }) => path === 'config')
    ? new TextDecoder().decode(await readSmallFile(tree, 'config', LARGEST_CONFIG, signal))
    : '';
  if (/^\[repository\]/m.test(config)) return files;
  const remedy = 'Name the directory that holds config and data.';
  throw new SourceError('malformed', `${JSON.stringify(tree.locator)} is no repository of Borg`, remedy);
}

/**
 * Lets `work` ask Borg. It is shown links to the repository, so that nothing it writes gets there.
 *
 * @param files what lies in the repository
 * @throws SourceError where there is no program
 */
export async function withBorg<T>(
  { root, secret, program, signal }: RepositoryAccess,
  files: readonly ArtifactFile[],
  work: (borg: AskedProgram, repository: string) => Promise<T>,
): Promise<T> {
  const executable = await findProgram('borg', program);
  return withScratchDirectory(async (scratch) => {
    const [home, repository] = [join(scratch, 'home'), join(scratch, 'repository')];
    await mkdir(home);
    await mkdir(repository);
    await shadowRepository(root, files, repository);
    return work(askedProgram({ executable, secret, home, signal }, problemOf), repository);
  });
}

/** @throws SourceError where Borg does not answer, or in a form that is not known */
export async function listArchives(ask: AskedProgram['ask'], repository: string): Promise<BorgArchives> {
  let text = '';
  await ask({ ask: 'borg list', repository }, (line) => {
    text += `${line}\n`;
  });
  return parseBorgArchives(text);
}

/** Takes lines of `borg list` of an archive and hands on their nodes. */
export function borgNodes(onNode: (node: SnapshotNode) => void) {
  return (line: string): void => {
    if (line !== '') onNode(parseBorgNode(line));
  };
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
  if (ids.includes('IntegrityError')) {
    const what = `${ask} ended with code ${exitCode ?? 'none'}: the repository is damaged (IntegrityError)`;
    return new DamagedData(what, 'Run borg check --verify-data.');
  }
  const id = ids.findLast((one) => one.includes('.') || one.endsWith('Error'));
  const because = id === undefined ? '' : ` (${id})`;
  return new SourceError('malformed', `${ask} ended with code ${exitCode ?? 'none'}${because}`, 'Run borg check.');
}
