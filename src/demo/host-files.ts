import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Instant, toMillis } from '../model/instant.ts';
import { type DemoOrganization, NAMES, ORGANIZATIONS } from './organizations.ts';
import { filesOf } from './tenant-rows.ts';
import type { Timeline } from './timeline.ts';

/** Paths of the install host, below the directory that stands for its root. */
export const HOST_PATHS = {
  bootstrap: 'etc/novantra/bootstrap.env',
  state: 'var/lib/novantra/onprem',
  bundled: 'srv/novantra/storage',
  dedicated: 'srv/dedicated',
} as const;

/** Last file of a dated copy. */
export const COMPLETION_MARKER = 'COMPLETE';
/** Dated copies that are kept. */
const COPIES = 5;

/** Directory of an organization's files, below the host's root. */
export function storageBelowRoot(organization: DemoOrganization): string {
  return organization.storage === 'bundled'
    ? `${HOST_PATHS.bundled}/${organization.id}`
    : `${HOST_PATHS.dedicated}/${organization.slug}`;
}

/** Writes what lies on the install host: storage, bootstrap file and state directory. */
export async function writeHostFiles(root: string, timeline: Timeline, signal: AbortSignal): Promise<void> {
  for (const organization of ORGANIZATIONS) {
    await mkdir(join(root, storageBelowRoot(organization)), { recursive: true });
  }
  await writeTree(
    root,
    treeAsOf(timeline, timeline.now, () => true),
    signal,
  );
  await chmod(join(root, HOST_PATHS.bootstrap), 0o640);
  await chmod(join(root, HOST_PATHS.state), 0o750);
}

/**
 * Writes the dated copies, `<directory>/<time>/…`, with what is planted: the directory of Linden Museum is in none, and
 * the bootstrap file was changed after the last.
 */
export async function writeFileCopies(directory: string, timeline: Timeline, signal: AbortSignal): Promise<void> {
  for (let nights = COPIES - 1; nights >= 0; nights -= 1) {
    const moment = timeline.fileCopy(nights);
    const copy = join(directory, `${moment.slice(0, 19).replaceAll(':', '-')}Z`);
    await writeTree(
      copy,
      treeAsOf(timeline, moment, (organization) => organization.slug !== 'linden'),
      signal,
    );
    await writeTree(copy, [{ path: COMPLETION_MARKER, contents: '', at: moment }], signal);
  }
}

interface HostFile {
  readonly path: string;
  readonly contents: string;
  readonly at: Instant;
}

function treeAsOf(
  timeline: Timeline,
  asOf: Instant,
  isIncluded: (organization: DemoOrganization) => boolean,
): readonly HostFile[] {
  const isChanged = timeline.bootstrapChange <= asOf;
  const installedAt = timeline.ago(420 * 24 * 60 * 60 * 1000);
  return [
    {
      path: HOST_PATHS.bootstrap,
      contents: `# Stand-in made by recoverage demo\nNOVANTRA_INSTALL=${NAMES.installId}\nNOVANTRA_WORKERS=${isChanged ? 8 : 4}\n`,
      at: isChanged ? timeline.bootstrapChange : installedAt,
    },
    { path: `${HOST_PATHS.state}/state.json`, contents: '{"standIn":true}\n', at: installedAt },
    ...ORGANIZATIONS.filter(isIncluded).flatMap((organization) =>
      filesOf(organization, timeline)
        .filter((file) => file.createdAt <= asOf)
        .map((file) => ({
          path: `${storageBelowRoot(organization)}/${file.key}`,
          contents: file.contents,
          at: file.createdAt,
        })),
    ),
  ];
}

async function writeTree(root: string, files: readonly HostFile[], signal: AbortSignal): Promise<void> {
  for (const { path, contents, at } of files) {
    signal.throwIfAborted();
    const file = join(root, path);
    const time = new Date(toMillis(at));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, contents);
    await utimes(file, time, time);
  }
}
