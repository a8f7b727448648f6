import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY, type Instant, MINUTE, toInstant, toMillis } from '../../../model/instant.ts';
import type { Secret } from '../../../model/secret.ts';
import { noteUnfinished } from '../../../model/unfinished.ts';
import type { DumpReading } from '../../formats/pg-dump/dump-reading.ts';
import { READING_RULES } from '../../formats/pg-dump/reading-rules.ts';
import { type LineFile, type LinePlace, openLines, placedLines } from './indexed-lines.ts';
import {
  openedLine,
  type RememberedCopy,
  rememberedReading,
  sealedLine,
  VERIFICATIONS_VERSION,
  verificationsHeaderSchema,
} from './remembered-lines.ts';

/** What tells one state of a copy from another without reading it. */
export interface CopyIdentity {
  readonly location: { readonly name: string; readonly tree: { readonly locator: string } };
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  readonly version: string | null;
}

/** One reading of a copy to its end. */
export interface Verification {
  readonly outcome: 'whole' | 'damaged' | 'unproven';
  readonly because: string;
  /** Null where it turned out to be no dump. */
  readonly reading: DumpReading | null;
  readonly verifiedAt: Instant;
  /** True where this run made it. */
  readonly isNew: boolean;
}

/** Which copies of a location lie there now; null where its listing is not complete. */
export type PresentCopies = ReadonlyMap<string, ReadonlyMap<string, CopyIdentity> | null>;

/** What was verified, by earlier runs and by this one. Holds an index in memory; the readings stay on disk. */
export interface VerificationMemory {
  /** The last full reading of exactly this state of the copy, by the present rules; null where there is none. */
  of(copy: CopyIdentity): Promise<Verification | null>;
  add(copy: CopyIdentity, verification: Omit<Verification, 'isNew'>): Promise<void>;
  turnOf(copy: Pick<CopyIdentity, 'location'>, database: string): Instant | null;
  noteTurn(copy: Pick<CopyIdentity, 'location'>, database: string, readAt: Instant): void;
  /** Lines that did not count, by reason. */
  readonly refused: { readonly damaged: number; readonly seal: number };
  /**
   * Writes the file anew, whole or not at all. Of locations that were listed completely what is gone or was changed is
   * dropped; of all others everything stays.
   *
   * @throws an error of the file system
   */
  save(present: PresentCopies): Promise<void>;
  close(): Promise<void>;
}

export interface MemoryOptions {
  /** File that outlives the run; undefined where nothing is to be kept. */
  readonly file: string | undefined;
  /** Directory of its own for what this run reads. */
  readonly scratch: string;
  /** Key of the seals; null where none is configured. */
  readonly key: Secret | null;
  readonly toolVersion: string;
}

/** The file is none of remembered verifications: it is not touched. */
export class ForeignFileError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'ForeignFileError';
  }
}

/** What had no turn for so long is a database that is gone, or waits first in any case. */
const LONGEST_TURN = 400 * DAY;

/** Tolerance of clocks, as the catalogue of controls sets it. */
const CLOCKS = 5 * MINUTE;

interface Entry {
  readonly place: LinePlace;
  readonly in: 'file' | 'run';
  readonly locator: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  readonly version: string | null;
  readonly isCurrent: boolean;
}

interface TurnEntry {
  readonly location: string;
  readonly locator: string;
  readonly database: string;
  readonly readAt: Instant;
}

/** @throws ForeignFileError where the file holds something else, or was written by a newer version */
export async function openMemory({ file, scratch, key, toolVersion }: MemoryOptions): Promise<VerificationMemory> {
  const copies = new Map<string, Map<string, Entry>>();
  const turns = new Map<string, TurnEntry>();
  const refused = { damaged: 0, seal: 0 };
  const isThere = file !== undefined && (await load(file, key, copies, turns, refused));
  const known = isThere ? await openLines(file, 'r') : null;
  const own = await openLines(join(scratch, 'verified.ndjson'), 'wx+');
  const linesOf = (entry: Entry): LineFile | null => (entry.in === 'file' ? known : own);

  return {
    refused,
    async of(copy) {
      const entry = copies.get(copy.location.name)?.get(copy.path);
      if (entry === undefined || !entry.isCurrent || !isSame(entry, copy)) return null;
      const opened = openedLine((await linesOf(entry)?.read(entry.place)) ?? '', key);
      if (!('line' in opened) || opened.line.type !== 'copy') return null;
      const { outcome, because, reading, verifiedAt } = opened.line;
      // What claims to be from a time to come would never grow old.
      if (toMillis(verifiedAt) > Date.now() + CLOCKS) return null;
      return { outcome, because, reading, verifiedAt, isNew: entry.in === 'run' };
    },
    async add(copy, { outcome, because, reading, verifiedAt }) {
      const line: RememberedCopy = {
        type: 'copy',
        location: copy.location.name,
        locator: copy.location.tree.locator,
        path: copy.path,
        bytes: copy.bytes,
        modifiedAt: copy.modifiedAt,
        version: copy.version,
        depth: 'full',
        rules: reading === null ? 0 : READING_RULES[reading.format],
        outcome,
        because,
        sha256: reading?.sha256 ?? null,
        verifiedAt,
        toolVersion,
        reading: reading === null ? null : rememberedReading(reading),
      };
      const place = await own.append(sealedLine(line, key));
      put(copies, line, place, 'run');
    },
    turnOf: ({ location }, database) => {
      const turn = turns.get(turnKey(location.name, database));
      return turn?.locator === location.tree.locator ? turn.readAt : null;
    },
    noteTurn({ location }, database, readAt) {
      const turn = { location: location.name, locator: location.tree.locator, database, readAt };
      turns.set(turnKey(location.name, database), turn);
    },
    async save(present) {
      if (file === undefined) return;
      const temporary = `${file}.part-${randomUUID()}`;
      const ended = noteUnfinished(temporary);
      try {
        await writeFile(temporary, keptLines(), { mode: 0o600, flag: 'wx', flush: true });
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      } finally {
        ended();
      }

      async function* keptLines(): AsyncGenerator<string> {
        const header = { type: 'recoverage-verifications' as const, version: VERIFICATIONS_VERSION };
        yield `${JSON.stringify(header)}\n`;
        for (const [location, entries] of copies) {
          for (const [path, entry] of entries) {
            const listed = present.get(location);
            const now = listed?.get(path);
            if (listed != null && (now === undefined || !isSame(entry, now) || !entry.isCurrent)) continue;
            yield `${await linesOf(entry)?.read(entry.place)}\n`;
          }
        }
        const forgotten = toInstant(Date.now() - LONGEST_TURN);
        for (const turn of turns.values())
          if (turn.readAt >= forgotten) yield `${sealedLine({ type: 'turn', ...turn }, key)}\n`;
      }
    },
    async close() {
      await Promise.all([known?.close(), own.close()]);
    },
  };
}

/** @returns whether the file is there */
async function load(
  file: string,
  key: Secret | null,
  copies: Map<string, Map<string, Entry>>,
  turns: Map<string, TurnEntry>,
  refused: { damaged: number; seal: number },
): Promise<boolean> {
  let isFirst = true;
  try {
    for await (const { text, offset, length } of placedLines(file)) {
      if (isFirst) {
        checkHeader(text);
        isFirst = false;
        continue;
      }
      const opened = openedLine(text, key);
      if ('problem' in opened) refused[opened.problem] += 1;
      else if (opened.line.type === 'copy') put(copies, opened.line, { offset, length }, 'file');
      else turns.set(turnKey(opened.line.location, opened.line.database), turnOf(opened.line));
    }
  } catch (error) {
    if (error instanceof RangeError) throw new ForeignFileError(error.message);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  // A file without a byte was put there to be written to.
  return true;
}

function checkHeader(text: string): void {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ForeignFileError('its first line is not that of such a file');
  }
  const header = verificationsHeaderSchema.safeParse(json);
  if (!header.success) throw new ForeignFileError('its first line is not that of such a file');
  const { version } = header.data;
  if (version === VERIFICATIONS_VERSION) return;
  throw new ForeignFileError(`it has version ${version}, and this program knows version ${VERIFICATIONS_VERSION}`);
}

function put(
  copies: Map<string, Map<string, Entry>>,
  line: RememberedCopy,
  place: LinePlace,
  where: Entry['in'],
): void {
  const { location, locator, path, bytes, modifiedAt, version, rules, reading } = line;
  const isCurrent = rules === (reading === null ? 0 : READING_RULES[reading.format]);
  const entry: Entry = { place, in: where, locator, bytes, modifiedAt, version, isCurrent };
  const own = copies.get(location);
  if (own === undefined) copies.set(location, new Map([[path, entry]]));
  else own.set(path, entry);
}

function isSame(entry: Entry, copy: CopyIdentity): boolean {
  return (
    entry.locator === copy.location.tree.locator &&
    entry.bytes === copy.bytes &&
    entry.modifiedAt === copy.modifiedAt &&
    entry.version === copy.version
  );
}

function turnKey(location: string, database: string): string {
  return `${location}\0${database}`;
}

function turnOf({ location, locator, database, readAt }: TurnEntry): TurnEntry {
  return { location, locator, database, readAt };
}

/** The clock of verifications. */
export function verifiedNow(): Instant {
  return toInstant(Date.now());
}
