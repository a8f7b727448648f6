import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY, type Instant, toInstant } from '../../../model/instant.ts';
import type { Secret } from '../../../model/secret.ts';
import { noteUnfinished } from '../../../model/unfinished.ts';
import { type LineFile, type LinePlace, LONGEST_LINE, openLines } from './indexed-lines.ts';
import { loadRemembered } from './load-remembered.ts';
import { isCurrent, placeOf, type RememberedGroup, type RememberedPlace } from './remembered-identity.ts';
import {
  openedLine,
  type RememberedReading,
  type RememberedTurn,
  sealedLine,
  VERIFICATIONS_VERSION,
} from './remembered-lines.ts';

/** What lies there now, by location and kind: identities by their keys. What was not listed completely is left out. */
export type PresentCopies = ReadonlyMap<string, ReadonlyMap<RememberedGroup, ReadonlyMap<string, string>>>;

export interface StoreOptions {
  /** File that outlives the run; undefined where nothing is to be kept. */
  readonly file: string | undefined;
  /** Directory of its own for what this run reads. */
  readonly scratch: string;
  /** Key of the seals; null where none is configured. */
  readonly key: Secret | null;
}

/** Lines about what was read, of earlier runs and of this one. Holds an index in memory; the lines stay on disk. */
export interface RememberedStore {
  /** The line about exactly this state, by the present rules; null where there is none. */
  get(place: RememberedPlace): Promise<{ readonly line: RememberedReading; readonly isNew: boolean } | null>;
  add(line: RememberedReading): Promise<void>;
  turnOf(place: Pick<RememberedTurn, 'location' | 'locator' | 'of'>): Instant | null;
  noteTurn(turn: Omit<RememberedTurn, 'type'>): void;
  /** Lines that did not count, by reason. */
  readonly refused: { readonly damaged: number; readonly seal: number };
  /**
   * Writes the file anew, whole or not at all. Of what was listed completely everything is dropped that is gone or was
   * changed; of all else everything stays.
   *
   * @throws an error of the file system
   */
  save(present: PresentCopies): Promise<void>;
  close(): Promise<void>;
}

/** What had no turn for so long is gone, or waits first in any case. */
const LONGEST_TURN = 400 * DAY;

interface Entry extends RememberedPlace {
  readonly line: LinePlace;
  readonly in: 'file' | 'run';
  readonly isCurrent: boolean;
}

/** @throws ForeignFileError where the file holds something else, or was written by a newer version */
export async function openStore({ file, scratch, key }: StoreOptions): Promise<RememberedStore> {
  const entries = new Map<string, Entry>();
  const turns = new Map<string, RememberedTurn>();
  const put = (reading: RememberedReading, line: LinePlace, where: Entry['in']): void => {
    const place = placeOf(reading);
    entries.set(entryKey(place), { ...place, line, in: where, isCurrent: isCurrent(reading) });
  };
  const setTurn = (turn: RememberedTurn): void => void turns.set(turnKey(turn), turn);
  const refused = { damaged: 0, seal: 0 };
  const isThere =
    file !== undefined &&
    (await loadRemembered(file, key, refused, (line, place) => {
      if (line.type === 'turn') setTurn(line);
      else put(line, place, 'file');
    }));
  const known = isThere ? await openLines(file, 'r') : null;
  const own = await openLines(join(scratch, 'verified.ndjson'), 'wx+');
  const linesOf = (entry: Entry): LineFile | null => (entry.in === 'file' ? known : own);

  return {
    refused,
    async get(place) {
      const entry = entries.get(entryKey(place));
      if (entry === undefined || !entry.isCurrent || !isSame(entry, place)) return null;
      const opened = openedLine((await linesOf(entry)?.read(entry.line)) ?? '', key);
      if (!('line' in opened) || opened.line.type === 'turn') return null;
      return { line: opened.line, isNew: entry.in === 'run' };
    },
    async add(line) {
      put(line, await own.append(sealedLine(line, key)), 'run');
    },
    turnOf: (place) => {
      const turn = turns.get(turnKey(place));
      return turn?.locator === place.locator ? turn.readAt : null;
    },
    noteTurn: (turn) => setTurn({ type: 'turn', ...turn }),
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
        for (const entry of entries.values()) {
          const listed = present.get(entry.location)?.get(entry.group);
          const isStill = listed?.get(entry.key) === entry.identity && entry.isCurrent;
          if ((listed !== undefined && !isStill) || entry.line.length > LONGEST_LINE) continue;
          yield `${await linesOf(entry)?.read(entry.line)}\n`;
        }
        const forgotten = toInstant(Date.now() - LONGEST_TURN);
        for (const turn of turns.values())
          if (turn.readAt >= forgotten && !isGone(turn, present)) yield `${sealedLine(turn, key)}\n`;
      }
    },
    async close() {
      await Promise.all([known?.close(), own.close()]);
    },
  };
}

/** How the turn of a single copy is called; no key of a subject holds such a sign. */
export function turnOfCopy(group: RememberedGroup, key: string): string {
  return `${group}\0${key}`;
}

function isGone({ location, of }: RememberedTurn, present: PresentCopies): boolean {
  const sign = of.indexOf('\0');
  if (sign < 0) return false;
  const listed = present.get(location)?.get(of.slice(0, sign) as RememberedGroup);
  return listed !== undefined && !listed.has(of.slice(sign + 1));
}

function isSame(entry: Entry, place: RememberedPlace): boolean {
  return entry.locator === place.locator && entry.identity === place.identity;
}

function entryKey({ location, group, key }: Pick<RememberedPlace, 'location' | 'group' | 'key'>): string {
  return `${location}\0${group}\0${key}`;
}

function turnKey({ location, of }: Pick<RememberedTurn, 'location' | 'of'>): string {
  return `${location}\0${of}`;
}
