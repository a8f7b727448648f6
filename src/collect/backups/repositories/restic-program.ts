import { SourceError } from '../../../model/source-error.ts';
import { withScratchDirectory } from '../../scratch-directory.ts';
import { type AskedProgram, askedProgram, type RepositoryAccess } from './asked-program.ts';
import type { ListedSnapshot } from './repository-contents.ts';
import { parseResticNode, parseResticSnapshots } from './restic-listing.ts';
import type { SnapshotNode } from './snapshot-contents.ts';
import { findProgram, type ProgramEnd, type VendorQuestion } from './vendor-program.ts';

/** Lets `work` ask restic. @throws SourceError where there is no password or no program */
export async function withRestic<T>(
  { secret, program, signal }: RepositoryAccess,
  work: (restic: AskedProgram) => Promise<T>,
): Promise<T> {
  if (secret === null) {
    const remedy = 'Give the password (restic.password): without it nobody can tell what the snapshots hold.';
    throw new SourceError(
      'unauthorized',
      'the repository of restic is encrypted and no password is configured',
      remedy,
    );
  }
  const executable = await findProgram('restic', program);
  return withScratchDirectory((home) => work(askedProgram({ executable, secret, home, signal }, problemOf)));
}

/** @throws SourceError where restic does not answer, or in a form that is not known */
export async function listSnapshots(ask: AskedProgram['ask'], repository: string): Promise<readonly ListedSnapshot[]> {
  let text = '';
  await ask({ ask: 'restic snapshots', repository }, (line) => {
    text += line;
  });
  return parseResticSnapshots(text);
}

/** Takes lines of `restic ls` and hands on their nodes. */
export function resticNodes(onNode: (node: SnapshotNode) => void) {
  return (line: string): void => {
    if (line === '') return;
    const node = parseResticNode(line);
    if (node !== null) onNode(node);
  };
}

/** What restic says of itself, by phrases of its own source (0.14 to 0.18) and its exit codes from 0.17 on. */
function problemOf({ ask }: VendorQuestion, { exitCode, complaint }: ProgramEnd): SourceError {
  if (exitCode === 12 || /wrong password|no key found/.test(complaint)) {
    return new SourceError('unauthorized', 'restic refuses the password', 'Correct restic.password of the location.');
  }
  if (exitCode === 10 || /unable to open config file/.test(complaint)) {
    const remedy = 'Name the directory that holds config, keys and snapshots, readable for the audit.';
    return new SourceError('malformed', 'restic finds no repository that it can open', remedy);
  }
  const because = /not found in repository|invalid data|unexpected file size|ciphertext verification/.test(complaint)
    ? ': the repository is damaged'
    : '';
  return new SourceError('malformed', `${ask} ended with code ${exitCode ?? 'none'}${because}`, 'Run restic check.');
}
