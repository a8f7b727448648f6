import { z } from 'zod';
import { type Instant, instantOrNull, toInstant } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { type ListedSnapshot, undated } from './repository-contents.ts';
import type { SnapshotNode } from './snapshot-contents.ts';

/** restic 0.14, "Scripting": `snapshots --json` is one list, of an empty repository `[]` or `null`. */
const snapshots = z
  .array(
    z.object({
      id: z.string().regex(/^[0-9a-f]{64}$/),
      time: z.iso.datetime({ offset: true }).refine((text) => instantOrNull(Date.parse(text)) !== null),
      paths: z.array(z.string()).nullish(),
      hostname: z.string().nullish(),
      excludes: z.array(z.string()).nullish(),
    }),
  )
  .nullable();

/** `ls --json` is one object a line: the snapshot, then its nodes. Files have a size, directories none. */
const line = z.object({
  struct_type: z.string().nullish(),
  type: z.string().nullish(),
  path: z.string().nullish(),
  size: z.number().nonnegative().nullish(),
  mtime: z.string().nullish(),
});

/** @throws SourceError for an answer of another shape */
export function parseResticSnapshots(text: string): readonly ListedSnapshot[] {
  const parsed = snapshots.safeParse(parseJson(text));
  if (!parsed.success) throw unknownAnswer('snapshots');
  return (parsed.data ?? []).map(({ id, time, paths, hostname, excludes }) => ({
    id,
    label: id.slice(0, 8),
    takenAt: toInstant(Date.parse(time)),
    host: hostname ?? '',
    paths: paths ?? [],
    excludes: excludes ?? [],
    // A date in a path begins no new series.
    series: JSON.stringify([hostname ?? '', [...(paths ?? [])].sort().map(undated)]),
  }));
}

/** The node of one line of `ls`; null for the line of the snapshot itself. @throws SourceError for another shape */
export function parseResticNode(text: string): SnapshotNode | null {
  const parsed = line.safeParse(parseJson(text));
  if (!parsed.success) throw unknownAnswer('ls');
  const { path, type, size, mtime } = parsed.data;
  if (path == null || type == null) return null;
  const link = type === 'symlink' ? { isSymbolicLink: true as const } : {};
  const modifiedAt = instantOf(mtime ?? '');
  return { path, isFile: type === 'file', ...link, bytes: size ?? 0, isLinked: false, modifiedAt };
}

function instantOf(text: string): Instant | null {
  const millis = Date.parse(text);
  const isInstant = millis >= 0 && millis < Date.UTC(9999, 0);
  return isInstant ? toInstant(millis) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unknownAnswer(command: string): SourceError {
  const message = `restic ${command} answered in a form that is not known`;
  return new SourceError('unsupported', message, 'Use a release of restic from 0.14 on.');
}
