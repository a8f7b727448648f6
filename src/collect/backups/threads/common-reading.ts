import { hash } from 'node:crypto';
import type { DumpReading } from '../../formats/pg-dump/dump-reading.ts';

/** What differs between two dumps of one database even where nothing was changed in between. */
type OwnReading = Pick<DumpReading, 'startedLocal' | 'startedAt' | 'bytesRead' | 'sha256' | 'sha256AtStore'>;
/** What dumps of one database mostly have in common, its list of tables above all. */
export type CommonReading = Omit<DumpReading, keyof OwnReading>;

/** A reading on its way from a thread: what was sent before is only named. */
export interface SentReading {
  readonly own: OwnReading;
  readonly number: number;
  /** The common part of that number; null where it was sent before. */
  readonly common: CommonReading | null;
}

/** In the thread: sends each common part once. */
export function createReadingSender(): (reading: DumpReading) => SentReading {
  const numbers = new Map<string, number>();
  return ({ startedLocal, startedAt, bytesRead, sha256, sha256AtStore, ...common }) => {
    const key = hash('sha256', JSON.stringify(common), 'base64');
    const known = numbers.get(key);
    const number = known ?? numbers.size;
    if (known === undefined) numbers.set(key, number);
    return {
      own: {
        startedLocal,
        startedAt,
        bytesRead,
        sha256,
        ...(sha256AtStore === undefined ? {} : { sha256AtStore }),
      },
      number,
      common: known === undefined ? common : null,
    };
  };
}

/** In the program: gives dumps with the same common part the same object, so that it is in memory once. */
export function createReadingReceiver(): (sent: SentReading) => DumpReading {
  const received = new Map<number, CommonReading>();
  return ({ own, number, common }) => {
    const known = common ?? received.get(number);
    if (known === undefined) throw new Error('a thread that reads named what it never sent');
    received.set(number, known);
    return { ...known, ...own };
  };
}
