import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../bench/random.ts';
import { DAMAGE_KINDS, type Damaged, type DamageKind, damageSomewhere } from './damage-place.ts';
import type { DamagedFormat, Reading, ToolAnswer } from './damaged-format.ts';

/** How many places are measured. */
export interface Places {
  /** By this program. */
  readonly own: Readonly<Record<DamageKind, number>>;
  /** The first so many of these at depth `structure`; all unless stated. */
  readonly structure?: Readonly<Record<DamageKind, number>>;
  /** The first so many of these also by the vendor's tools, which are started anew each time. */
  readonly vendor: Readonly<Record<DamageKind, number>>;
}

export interface Found {
  readonly found: number;
  readonly of: number;
}

/** What a vendor's tool said of the damaged artifacts. */
export interface Told extends Found {
  /** How often it did not end in time: neither found nor not found. */
  readonly unanswered: number;
}

export interface Measurement {
  readonly kind: DamageKind;
  readonly structure: Found;
  readonly full: Found;
  /** At full depth with a recorded SHA-256; null where there can be none. */
  readonly recorded: Found | null;
  readonly tools: readonly { readonly name: string; readonly result: Told }[];
  /** Places at which a vendor's tool found damage and a reading in full vouched for the artifact. */
  readonly missed: readonly string[];
}

/**
 * Damages an artifact at seeded places and counts where it is found. On disk nothing is altered but for the vendor's
 * tools, and then put back.
 *
 * @throws Error where the artifact is not good to begin with: then nothing could be measured
 */
export async function measureDamage(
  format: DamagedFormat,
  places: Places,
  seed: number,
): Promise<readonly Measurement[]> {
  const whole = await format.read('full', null);
  if (whole.verdict !== (format.soundVerdict ?? 'complete'))
    throw new Error(`${format.name}: without damage it is ${whole.verdict}`);
  for (const tool of format.tools) {
    const answer = await tool.ask();
    if (answer !== 'accepted') throw new Error(`${format.name}: without damage it is ${answer} by ${tool.name}`);
  }
  const all: Measurement[] = [];
  for (const kind of DAMAGE_KINDS) all.push(await measureKind(format, kind, places, seed, whole));
  return all;
}

async function measureKind(
  format: DamagedFormat,
  kind: DamageKind,
  places: Places,
  seed: number,
  whole: Reading,
): Promise<Measurement> {
  const random = seededRandom(seed);
  const of = places.own[kind];
  const byVendor = Math.min(of, places.vendor[kind]);
  const atStructure = Math.min(of, places.structure?.[kind] ?? of);
  const isFound = ({ verdict }: Reading): boolean => !['complete', 'unproven', format.soundVerdict].includes(verdict);
  let [structure, full, recorded] = [0, 0, 0];
  const answers: (readonly ToolAnswer[])[] = [];
  const missed: string[] = [];
  for (let index = 0; index < of; index += 1) {
    const damaged = damageSomewhere(format.files, kind, random);
    const reading = await format.read('full', damaged);
    if (index < atStructure) {
      if (isFound(format.hasOneDepth === true ? reading : await format.read('structure', damaged))) structure += 1;
    }
    if (isFound(reading)) full += 1;
    if (isFound(reading) || reading.sha256 !== whole.sha256) recorded += 1;
    if (index >= byVendor || format.tools.length === 0) continue;
    const told = await askTools(format, damaged);
    answers.push(told);
    const finder = format.tools.find((_, at) => told[at] === 'refused');
    if (finder !== undefined && reading.verdict === 'complete') missed.push(`${damaged.where}: ${finder.name}`);
  }
  return {
    kind,
    structure: { found: structure, of: atStructure },
    full: { found: full, of },
    recorded: format.hasRecordedSum ? { found: recorded, of } : null,
    tools: format.tools.map(({ name }, at) => {
      const times = (wanted: ToolAnswer): number => answers.filter((told) => told[at] === wanted).length;
      return { name, result: { found: times('refused'), of: byVendor, unanswered: times('no answer') } };
    }),
    missed,
  };
}

async function askTools(
  { root, files, tools }: DamagedFormat,
  { path, bytes }: Damaged,
): Promise<readonly ToolAnswer[]> {
  const file = join(root, path);
  await writeFile(file, bytes);
  try {
    const told: ToolAnswer[] = [];
    for (const tool of tools) told.push(await tool.ask());
    return told;
  } finally {
    await writeFile(file, files.get(path) ?? new Uint8Array(0));
  }
}
