import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { damageDocument, type MeasuredFormat } from '../damage/damage-document.ts';
import { measureDamage, type Places } from '../damage/measure-damage.ts';
import { FORMAT_MAKERS } from '../damage/measured-formats.ts';
import { versionOf } from '../damage/vendor-tool.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/damage.md', import.meta.url));

/**
 * Measures every format that can be made here and writes docs/damage.md.
 *
 * @param places altered bytes and cuts of each format; fewer where each takes long, and by the vendors' tools
 */
export async function writeDamageTables(
  scratch: string,
  seed: number,
  places: number,
  say: (text: string) => void,
): Promise<void> {
  const measured: MeasuredFormat[] = [];
  const unmeasured: string[] = [];
  const versions: string[] = [await versionOf('gzip', '--version')];
  for (const maker of FORMAT_MAKERS) {
    const why = maker.unavailable();
    if (why !== null) {
      unmeasured.push(`${maker.name}: ${why}`);
      continue;
    }
    await using cleanup = new AsyncDisposableStack();
    versions.push(await maker.version());
    const directory = join(scratch, maker.name);
    mkdirSync(directory);
    for (const format of await maker.make(directory, cleanup)) {
      const measurements = await measureDamage(format, placesOf(format.isSlow === true, places), seed);
      measured.push({ name: format.name, measurements });
      say(`damage: ${format.name}`);
      // What is there is kept, should the next one fail.
      await writeFile(DOCUMENT, damageDocument(measured, { seed, versions, unmeasured }));
    }
  }
  await writeFile(DOCUMENT, damageDocument(measured, { seed, versions, unmeasured }));
}

/** Repositories are read as a whole for each place, and tools are started anew, which takes a second with some. */
export function placesOf(isSlow: boolean, places: number): Places {
  const own = isSlow ? places / 20 : places;
  const vendor = isSlow ? places / 100 : places / 10;
  return { own: ofKinds(own), vendor: ofKinds(vendor) };
}

/** A fifth as many holes: they are larger, and few places tell as much. */
function ofKinds(count: number): Places['own'] {
  const atLeast = (wanted: number): number => Math.max(5, Math.round(wanted));
  return { flip: atLeast(count), cut: atLeast(count), hole: atLeast(count / 5) };
}
