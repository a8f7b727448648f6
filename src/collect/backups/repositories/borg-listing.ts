import { z } from 'zod';
import { type Instant, instantOrNull, toInstant } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { borgExcludes } from './borg-excludes.ts';
import { type ListedSnapshot, undated } from './repository-contents.ts';
import type { SnapshotNode } from './snapshot-contents.ts';

/** Times are local and bear no zone (Borg 1.2 manual, "All about JSON"): the program was run in UTC. */
const localTime = z.iso.datetime({ local: true }).refine((text) => instantOrNull(Date.parse(`${text}Z`)) !== null);

const listing = z.object({
  archives: z.array(
    z.object({
      name: z.string(),
      time: localTime,
      start: localTime,
      hostname: z.string().nullish(),
      // Words in Borg 1; of another form nothing is known.
      command_line: z.array(z.string()).nullish().catch(null),
    }),
  ),
  encryption: z.object({ mode: z.string() }),
});

const line = z.object({
  type: z.string(),
  mode: z.string().nullish(),
  path: z.string(),
  size: z.number().nonnegative().nullish(),
  mtime: z.string().nullish(),
});

export interface BorgArchives {
  readonly archives: readonly ListedSnapshot[];
  readonly encrypted: boolean;
}

/** @throws SourceError for an answer of another shape */
export function parseBorgArchives(text: string): BorgArchives {
  const parsed = listing.safeParse(parseJson(text));
  if (!parsed.success) throw unknownAnswer();
  const { archives, encryption } = parsed.data;
  return {
    // Borg 1.2 manual, "borg init": none and the authenticated modes leave the data readable.
    encrypted: !/^(none|authenticated)/.test(encryption.mode),
    archives: archives.map(({ name, start, hostname, command_line: command }) => ({
      id: name,
      label: name,
      takenAt: toInstant(Date.parse(`${start}Z`)),
      host: hostname ?? '',
      paths: null,
      excludes: command == null ? null : borgExcludes(command),
      series: JSON.stringify([hostname ?? '', undated(name)]),
    })),
  };
}

/** @throws SourceError for a line of another shape */
export function parseBorgNode(text: string): SnapshotNode {
  const parsed = line.safeParse(parseJson(text));
  if (!parsed.success) throw unknownAnswer();
  const { type, mode, path, size, mtime } = parsed.data;
  // A further hard link to a file is listed without its size; its mode begins so.
  const isLinked = type === 'h' || (type === '-' && mode?.startsWith('h') === true);
  const link = type === 'l' ? { isSymbolicLink: true as const } : {};
  const modifiedAt = instantOf(mtime ?? '');
  return { path, isFile: type === '-' || isLinked, ...link, bytes: size ?? 0, isLinked, modifiedAt };
}

function instantOf(text: string): Instant | null {
  const millis = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
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

function unknownAnswer(): SourceError {
  const message = 'borg list answered in a form that is not known';
  return new SourceError('unsupported', message, 'Use a release of Borg 1.2 or 1.4.');
}
