import { SourceError } from '../../../model/source-error.ts';
import { counted } from '../../../model/text.ts';
import { withScratchDirectory } from '../../scratch-directory.ts';
import { DamagedData } from '../../trees/damaged-data.ts';
import { type AskedProgram, askedProgram, type RepositoryAccess } from './asked-program.ts';
import type { ListedSnapshot } from './repository-contents.ts';
import { parseResticNode, parseResticSnapshots } from './restic-listing.ts';
import type { SnapshotNode } from './snapshot-contents.ts';
import { findProgram, type ProgramEnd } from './vendor-program.ts';
import type { VendorQuestion } from './vendor-questions.ts';

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

/**
 * Looks whether every pack that the index names is there with its size. `restic check` does that first, from a listing
 * (restic 0.14 to 0.18, cmd/restic/cmd_check.go), and is ended before it reads every tree.
 *
 * @throws SourceError where packs are missing or cut, and where restic does not answer
 */
export async function assertPacksPresent(until: AskedProgram['until'], repository: string): Promise<void> {
  const complaint = await until({ ask: 'restic check', repository }, (line) => line.startsWith('check snapshots'));
  const broken = new Set(
    [...complaint.matchAll(/\bpack ([0-9a-f]{64})\b(?!.*(?:several indexes|not referenced))/g)].map(
      (match) => match[1],
    ),
  );
  if (broken.size === 0) return;
  throw new SourceError(
    'malformed',
    `${counted(broken.size, 'pack')} that the index of restic names ${broken.size === 1 ? 'is' : 'are'} missing or cut, and which snapshots need ${broken.size === 1 ? 'it' : 'them'} is not known`,
    'Run restic check, repair the repository (restic manual, "Troubleshooting"), and take a new backup.',
  );
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
  const ending = `${ask} ended with code ${exitCode ?? 'none'}`;
  if (DAMAGE.test(complaint)) {
    return new DamagedData(`${ending}: the repository is damaged`, 'Run restic check --read-data.');
  }
  const because = /not found in repository/.test(complaint) ? ': the repository is damaged' : '';
  return new SourceError('malformed', `${ending}${because}`, 'Run restic check.');
}

/** What restic says of bytes that were altered or cut since it wrote them. */
const DAMAGE =
  /invalid data|unexpected file size|ciphertext verification|ReadFull\(<data\/[0-9a-f]+>\): unexpected EOF/;
