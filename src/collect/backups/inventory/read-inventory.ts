import type { BlindSpot } from '../../../model/evidence.ts';
import { SourceError } from '../../../model/source-error.ts';
import { counted } from '../../../model/text.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import type { PhysicalContents } from '../physical/physical-copy.ts';
import { readSmallFile } from '../physical/repository-reading.ts';
import { unmatchedList } from '../physical/unmatched-list.ts';
import { checkRow, type RowSurroundings } from './check-row.ts';
import { inventoryRows } from './inventory-rows.ts';
import type { RowMistake, StatedCopy } from './stated-copy.ts';

export interface InventoryReading extends RowSurroundings {
  readonly databaseNames: ReadonlySet<string>;
  readonly signal: AbortSignal;
  readonly blindSpotOf: (error: unknown) => BlindSpot;
}

const LARGEST_INVENTORY = 64 * 1024 * 1024;
const SHOWN_MISTAKES = 20;

/**
 * Reads an inventory of copies that people or another product keep. What it states is of grade declared, whatever it
 * says. A row with mistakes is left out, and every mistake is told with the number of its row.
 *
 * @throws only what `signal` was fired with; all else becomes a blind spot
 */
export async function readInventory(tree: ArtifactTree, reading: InventoryReading): Promise<PhysicalContents> {
  const nothing: PhysicalContents = { copies: [], archives: [], plans: [], unmatched: [], blindSpot: null };
  const { settings, signal } = reading;
  try {
    const file = await inventoryFile(tree, settings.file, signal);
    const text = new TextDecoder().decode(await readSmallFile(tree, file.path, LARGEST_INVENTORY, signal));
    const read = inventoryRows(text, settings);
    const mistakes: RowMistake[] = [...read.mistakes];
    const stated: StatedCopy[] = [];
    const unmatched = unmatchedList();
    for (const { row, values } of read.rows) {
      const checked = checkRow(row, values, reading);
      if ('mistakes' in checked) mistakes.push(...checked.mistakes);
      else if (checked.database === null || reading.databaseNames.has(checked.database)) stated.push(checked);
      else {
        const found = { path: `row ${row}`, bytes: 0, modifiedAt: checked.recordedAt };
        unmatched.add(found, 'declared copy of a database that the install does not have', '');
      }
    }
    return {
      ...nothing,
      stated,
      unmatched: unmatched.facts(),
      blindSpot: mistakes.length === 0 ? null : reading.blindSpotOf(mistakesError(file.path, mistakes)),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { ...nothing, stated: [], blindSpot: reading.blindSpotOf(error) };
  }
}

async function inventoryFile(tree: ArtifactTree, path: string, signal: AbortSignal): Promise<ArtifactFile> {
  for await (const file of tree.list(signal)) if (file.path === path) return file;
  const remedy = 'Check inventory.file: it is seen from the root of the location.';
  throw new SourceError('unreachable', `there is no inventory ${JSON.stringify(path)}`, remedy);
}

function mistakesError(path: string, mistakes: readonly RowMistake[]): SourceError {
  const inOrder = [...mistakes].sort((a, b) => a.row - b.row);
  const shown = inOrder.slice(0, SHOWN_MISTAKES).map(({ row, problem }) => `row ${row}: ${problem}`);
  const more = inOrder.length > SHOWN_MISTAKES ? `; and ${inOrder.length - SHOWN_MISTAKES} more` : '';
  const message = `inventory ${JSON.stringify(path)} has ${counted(mistakes.length, 'mistake')}: ${shown.join('; ')}${more}`;
  return new SourceError('malformed', message, 'Correct these rows; the others were read.');
}
