import { z } from 'zod';
import { SourceError } from '../../../model/source-error.ts';
import { epochSeconds, lsn, segmentName, systemIdentifier } from './backup-info.ts';
import { parseBackupLabel } from './backup-label.ts';
import { parseExactJson } from './exact-json.ts';

const label = z.string().refine((text) => parseBackupLabel(text) !== null);
const key = z.int().positive();
const bytes = z.int().nonnegative();
const status = z.object({ code: z.int() });
const place = z.object({ id: z.int().positive(), 'repo-key': key.default(1) });

const backup = z.object({
  label,
  type: z.enum(['full', 'diff', 'incr']),
  prior: label.nullish(),
  reference: z.array(label).nullish(),
  error: z.boolean().nullish(),
  timestamp: z.object({ start: epochSeconds, stop: epochSeconds }),
  archive: z.object({ start: segmentName.nullish(), stop: segmentName.nullish() }).nullish(),
  lsn: z.object({ start: lsn.nullish(), stop: lsn.nullish() }).nullish(),
  database: place,
  /** Only in the output of `--set`. */
  'database-ref': z.array(z.object({ name: z.string(), oid: z.int().nonnegative() })).nullish(),
  info: z.object({
    delta: bytes.nullish(),
    repository: z.object({ delta: bytes.nullish(), size: bytes.nullish() }).nullish(),
  }),
  backrest: z.object({ version: z.string() }).nullish(),
});

const stanza = z.object({
  name: z.string(),
  status,
  cipher: z.string().nullish(),
  repo: z.array(z.object({ key, cipher: z.string(), status })).default([]),
  db: z
    .array(
      z.object({
        id: z.int().positive(),
        'repo-key': key.default(1),
        'system-id': systemIdentifier,
        version: z.string(),
      }),
    )
    .default([]),
  archive: z
    .array(z.object({ database: place, id: z.string(), min: segmentName.nullish(), max: segmentName.nullish() }))
    .default([]),
  backup: z.array(backup).default([]),
});
export type InfoStanza = z.infer<typeof stanza>;
export type InfoBackup = z.infer<typeof backup>;

/**
 * Parses what `pgbackrest info --output=json` printed: one element for each stanza, all repositories together, told
 * apart by `repo-key` (pgBackRest command reference, "Info Command"; shape as 2.45 prints it).
 *
 * @throws SourceError `malformed` when it is not that
 */
export function parseInfoOutput(text: string): readonly InfoStanza[] {
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch (error) {
    throw malformed('it is no JSON, or cut off', error);
  }
  const result = z.array(stanza).safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw malformed(`it has another shape at ${issue?.path.join('.') || 'its beginning'}`, result.error);
}

function malformed(why: string, cause: unknown): SourceError {
  const remedy = 'Write the whole output of "pgbackrest info --output=json" into the file again.';
  return new SourceError('malformed', `the file is no output of pgbackrest info: ${why}`, remedy, { cause });
}

/** What the codes of a stanza's or repository's status mean where it is neither good nor merely empty. */
const PROBLEMS: ReadonlyMap<number, string> = new Map([
  [1, 'the stanza is not there'],
  [3, 'data of the stanza is missing'],
  [4, 'the stanza is not well in every repository'],
  [5, 'the repositories hold different clusters'],
]);
const FINE = [0, 2];

/** The trouble that a status code tells of; null for none. Codes: pgBackRest command reference, "Info Command". */
export function statusProblem(code: number): string | null {
  return FINE.includes(code) ? null : (PROBLEMS.get(code) ?? `the repository could not be read (code ${code})`);
}
