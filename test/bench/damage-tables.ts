import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { damageDocument, damageTable } from '../damage/damage-document.ts';
import { type DamageRecord, NOTHING_MEASURED, recordOf, withTable, withVersions } from '../damage/damage-record.ts';
import type { Slowness } from '../damage/damaged-format.ts';
import { measureDamage, type Places } from '../damage/measure-damage.ts';
import { FORMAT_MAKERS } from '../damage/measured-formats.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/damage.md', import.meta.url));

const FORMATS = FORMAT_MAKERS.flatMap((maker) => maker.formats);

/** The tables whose names hold a text. @throws RangeError where there is none */
export function formatsNamed(text: string): readonly string[] {
  const named = FORMATS.filter((name) => name.includes(text));
  if (named.length > 0) return named;
  throw new RangeError(`no table has ${JSON.stringify(text)} in its name; there are:\n  ${FORMATS.join('\n  ')}`);
}

export interface DamageRun {
  readonly scratch: string;
  readonly seed: number;
  /** Altered bytes of each format; fewer cuts where each takes long, and fewer of all by the vendors' tools. */
  readonly places: number;
  /** Measure only the tables whose names hold this text; null: all. */
  readonly format: string | null;
  readonly say: (text: string) => void;
}

/**
 * Measures the formats that can be made here and writes what it finds into docs/damage.md, where the other tables stay.
 */
export async function writeDamageTables({ scratch, seed, places, format, say }: DamageRun): Promise<void> {
  const wanted = new Set(format === null ? FORMATS : formatsNamed(format));
  const isWanted = (name: string): boolean => wanted.has(name);
  const unavailable = new Map<string, string>();
  /** Read and written at once, so that two runs for different formats do not undo each other. */
  const update = (change: (record: DamageRecord) => DamageRecord): void => {
    const known = existsSync(DOCUMENT) ? recordOf(readFileSync(DOCUMENT, 'utf8')) : NOTHING_MEASURED;
    writeFileSync(DOCUMENT, damageDocument(change(known), { seed, formats: FORMATS, unavailable }));
  };
  for (const maker of FORMAT_MAKERS.filter((one) => one.formats.some(isWanted))) {
    const why = maker.unavailable();
    if (why !== null) {
      for (const name of maker.formats) unavailable.set(name, why);
      say(`damage: ${maker.name} cannot be measured: ${why}`);
      update((record) => record);
      continue;
    }
    await using cleanup = new AsyncDisposableStack();
    const directory = join(scratch, maker.name);
    mkdirSync(directory);
    const made = (await maker.make(directory, cleanup)).filter(({ name }) => isWanted(name));
    const versions = await maker.versions();
    for (const one of made) {
      say(`damage: ${one.name}`);
      const measurements = await measureDamage(one, placesOf(one.slow ?? null, places), seed);
      const table = damageTable(measurements, one.note);
      const missed = measurements.flatMap((measurement) => measurement.missed);
      // What is there is kept, should the next one fail.
      update((record) => withVersions(withTable(record, one.name, { table, missed }), versions));
    }
  }
}

/** How many places are measured where so many bytes are altered in what is read fast. */
export function placesOf(slow: Slowness | null, places: number): Places {
  const few = ofKinds(places / 20, places / 20);
  if (slow === null) return { own: ofKinds(places, places), vendor: ofKinds(places / 10, places / 10) };
  if (slow === 'cluster') return { own: ofKinds(places, places / 5), vendor: ofKinds(places / 20, places / 50) };
  const vendor = ofKinds(places / 50, places / 50);
  if (slow === 'program at every depth') return { own: few, vendor };
  return { own: ofKinds(places, places), structure: few, vendor };
}

/** A fifth as many holes as cuts: they are larger, and few places tell as much. */
function ofKinds(flips: number, cuts: number): Places['own'] {
  const atLeast = (wanted: number): number => Math.max(5, Math.round(wanted));
  return { flip: atLeast(flips), cut: atLeast(cuts), hole: atLeast(cuts / 5) };
}
