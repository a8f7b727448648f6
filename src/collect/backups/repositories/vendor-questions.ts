/** Programs of vendors that are asked what their repositories hold. */
export type VendorProgram = 'restic' | 'borg';

/** Everything that a program of a vendor is ever asked: nothing of it writes, and nothing of it takes a lock. */
export type VendorQuestion =
  | { readonly ask: 'restic snapshots'; readonly repository: string }
  | {
      readonly ask: 'restic ls';
      readonly repository: string;
      readonly snapshot: string;
      /** What lies right in these, by absolute paths; absent: all that is in the snapshot. */
      readonly directories?: readonly string[];
    }
  | { readonly ask: 'restic dump'; readonly repository: string; readonly snapshot: string; readonly path: string }
  | { readonly ask: 'restic dump tar'; readonly repository: string; readonly snapshot: string; readonly path: string }
  | { readonly ask: 'restic check'; readonly repository: string }
  | { readonly ask: 'borg list'; readonly repository: string }
  | {
      readonly ask: 'borg list archive';
      readonly repository: string;
      readonly archive: string;
      /** These alone, as the archive names them; absent: all that is in it. */
      readonly paths?: readonly string[];
    }
  | { readonly ask: 'borg extract'; readonly repository: string; readonly archive: string; readonly path: string }
  | { readonly ask: 'borg export-tar'; readonly repository: string; readonly archive: string; readonly path: string };

/** What each question is for, and what a program is run with for it. The policy of the audit's user is made of it. */
export const VENDOR_QUESTIONS: Readonly<
  Record<
    VendorQuestion['ask'],
    {
      readonly program: VendorProgram;
      readonly arguments: string;
      readonly purpose: string;
      /**
       * *contents*: asked of repositories that hold copies of files, of drawn files there where checksums are compared, and
       * of what a host keeps to start the install.
       */
      readonly onlyFor: 'contents' | null;
    }
  >
> = {
  'restic snapshots': {
    program: 'restic',
    arguments: '--no-lock --no-cache --json snapshots',
    purpose: 'which snapshots there are',
    onlyFor: null,
  },
  'restic ls': {
    program: 'restic',
    arguments: '--no-lock --no-cache --json ls SNAPSHOT [DIRECTORY…]',
    purpose: 'which files a snapshot holds, by name and size',
    onlyFor: null,
  },
  'restic check': {
    program: 'restic',
    arguments: '--no-lock --no-cache check',
    purpose:
      'whether every pack that the index names is there with its size; ended before snapshots, trees and blobs are read',
    onlyFor: null,
  },
  'restic dump': {
    program: 'restic',
    arguments: '--no-lock --no-cache dump SNAPSHOT FILE',
    purpose: 'what a drawn file or a host file holds, to its checksum and no further',
    onlyFor: 'contents',
  },
  'restic dump tar': {
    program: 'restic',
    arguments: '--no-lock --no-cache dump --archive tar SNAPSHOT DIRECTORY',
    purpose: 'what the state directory holds, to its checksum and no further',
    onlyFor: 'contents',
  },
  'borg list': {
    program: 'borg',
    arguments: '--bypass-lock list --json REPOSITORY',
    purpose: 'which archives there are',
    onlyFor: null,
  },
  'borg list archive': {
    program: 'borg',
    arguments: '--bypass-lock list --json-lines REPOSITORY::ARCHIVE [pf:FILE…]',
    purpose: 'which files an archive holds, by name and size',
    onlyFor: null,
  },
  'borg extract': {
    program: 'borg',
    arguments: '--bypass-lock extract --stdout REPOSITORY::ARCHIVE pp:FILE',
    purpose: 'what a drawn file or a host file holds, to its checksum and no further',
    onlyFor: 'contents',
  },
  'borg export-tar': {
    program: 'borg',
    arguments: '--bypass-lock export-tar REPOSITORY::ARCHIVE - pp:DIRECTORY',
    purpose: 'what the state directory holds, to its checksum and no further',
    onlyFor: 'contents',
  },
};

/**
 * The arguments of a question. They are fixed but for the repository and the snapshot, which are checked, and no shell
 * reads them.
 *
 * restic 0.14 manual, "Working with repositories": `snapshots`, `ls`, `--no-lock`, `--json`. Borg 1.2 manual, "borg
 * list", "Common options" (`--bypass-lock`) and "Repository placeholders": braces of a name are doubled; "borg extract":
 * `--stdout` writes no file.
 *
 * @throws RangeError for a repository or snapshot that could be taken for anything else
 */
export function argumentsOf(question: VendorQuestion): readonly string[] {
  const { repository } = question;
  if (!repository.startsWith('/') || repository.includes('\0')) throw new RangeError('not a path of a repository');
  const restic = ['--repo', repository, '--no-lock', '--no-cache'];
  const borg = ['--log-json', '--bypass-lock'];
  switch (question.ask) {
    case 'restic snapshots':
      return [...restic, '--json', 'snapshots'];
    case 'restic ls':
      return [...restic, '--json', 'ls', snapshotId(question.snapshot), ...(question.directories ?? []).map(absolute)];
    case 'restic check':
      return [...restic, 'check'];
    case 'restic dump':
      return [...restic, 'dump', snapshotId(question.snapshot), absolute(question.path)];
    case 'restic dump tar':
      return [...restic, 'dump', '--archive', 'tar', snapshotId(question.snapshot), absolute(question.path)];
    case 'borg list':
      return [...borg, 'list', '--json', '--format', '{hostname}{command_line}', repository];
    case 'borg list archive': {
      const { archive, paths = [] } = question;
      const format = ['--json-lines', '--format', '{type}{size}{mtime}{path}'];
      return [...borg, 'list', ...format, archiveIn(repository, archive), ...paths.map((path) => exactly(path, 'pf'))];
    }
    case 'borg extract':
      // With pf: Borg 1.2 says of a file that it gave that its pattern never matched, and ends with 1.
      return [...borg, 'extract', '--stdout', archiveIn(repository, question.archive), exactly(question.path, 'pp')];
    case 'borg export-tar':
      return [...borg, 'export-tar', archiveIn(repository, question.archive), '-', exactly(question.path, 'pp')];
  }
}

function snapshotId(id: string): string {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new RangeError('not an id of a snapshot');
  return id;
}

/** A path of a snapshot, which no option looks like. */
function absolute(path: string): string {
  if (!path.startsWith('/') || path.includes('\0')) throw new RangeError('not an absolute path');
  return path;
}

function archiveIn(repository: string, archive: string): string {
  if (archive === '' || /[\0/]/.test(archive)) throw new RangeError('not a name of an archive');
  return `${repository}::${archive.replace(/[{}]/g, '$&$&')}`;
}

/**
 * A file of an archive by its whole name, in which no character has a meaning (Borg 1.2 manual, "borg help patterns"):
 * `pf` that path alone, `pp` what lies below it as well.
 */
function exactly(path: string, style: 'pf' | 'pp'): string {
  if (path === '' || path.startsWith('/') || path.includes('\0')) throw new RangeError('not a path in an archive');
  return `${style}:${path}`;
}
