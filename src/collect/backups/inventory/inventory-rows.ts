import { z } from 'zod';
import { SourceError } from '../../../model/source-error.ts';
import { wholeCsvLines } from '../../formats/csv.ts';
import type { InventoryRow, InventorySettings, RowMistake } from './stated-copy.ts';

const FIELDS = ['database', 'server', 'path', 'moment', 'method', 'where', 'complete', 'owner', 'recordedAt'] as const;
export type InventoryField = (typeof FIELDS)[number];

const jsonFile = z.array(z.unknown());
const jsonRow = z.record(z.string(), z.unknown());

export interface InventoryRows {
  readonly rows: readonly { readonly row: number; readonly values: InventoryRow }[];
  readonly mistakes: readonly RowMistake[];
}

/**
 * The rows of an inventory with their values by field: CSV after RFC 4180 with a header line, or a JSON array of
 * objects.
 *
 * @throws SourceError where the file as a whole is neither, or lacks a column
 */
export function inventoryRows(text: string, settings: InventorySettings): InventoryRows {
  return settings.format === 'csv' ? csvRows(text, settings) : jsonRows(text, settings);
}

function csvRows(text: string, settings: InventorySettings): InventoryRows {
  const {
    lines: [header, ...lines],
    brokenAt,
  } = wholeCsvLines(text);
  if (header === undefined) throw noInventory('CSV with a header line');
  const columns = columnsOf(settings);
  const missing = columns.filter(([field, column]) => REQUIRED.has(field) && !header.includes(column));
  const lacksOwner = settings.owner === undefined && !header.includes(nameOf('owner', settings));
  const named = [...missing.map(([, column]) => column), ...(lacksOwner ? [nameOf('owner', settings)] : [])];
  if (named.length > 0) {
    const remedy = 'Add the column, or name the one that holds it (inventory.columns).';
    throw new SourceError('malformed', `the inventory has no column ${named.join(', ')}`, remedy);
  }
  const rows: { row: number; values: InventoryRow }[] = [];
  const mistakes: RowMistake[] = [];
  for (const [index, line] of lines.entries()) {
    const row = index + 2;
    if (line.length === 1 && line[0] === null) continue;
    if (line.length !== header.length) {
      mistakes.push({ row, problem: `has ${line.length} fields instead of ${header.length}` });
      continue;
    }
    const values = columns.map(([field, column]) => [field, line[header.indexOf(column)] ?? null]);
    rows.push({ row, values: Object.fromEntries(values) });
  }
  if (brokenAt !== null) {
    mistakes.push({
      row: brokenAt,
      problem: 'is broken, as by a quote that is not closed: it and what follows was not read',
    });
  }
  return { rows, mistakes };
}

function jsonRows(text: string, settings: InventorySettings): InventoryRows {
  const parsed = jsonFile.safeParse(parseJson(text));
  if (!parsed.success) throw noInventory('a JSON array of objects');
  const columns = columnsOf(settings);
  const rows: { row: number; values: InventoryRow }[] = [];
  const mistakes: RowMistake[] = [];
  for (const [index, entry] of parsed.data.entries()) {
    const row = index + 1;
    const object = jsonRow.safeParse(entry);
    if (!object.success) {
      mistakes.push({ row, problem: 'is no object' });
      continue;
    }
    const own = new Map(Object.entries(object.data));
    rows.push({ row, values: Object.fromEntries(columns.map(([field, column]) => [field, own.get(column) ?? null])) });
  }
  return { rows, mistakes };
}

const REQUIRED: ReadonlySet<InventoryField> = new Set(['moment', 'method', 'recordedAt']);

function columnsOf(settings: InventorySettings): readonly (readonly [InventoryField, string])[] {
  return FIELDS.map((field) => [field, nameOf(field, settings)] as const);
}

function nameOf(field: InventoryField, { columns }: InventorySettings): string {
  return columns[field] ?? field;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noInventory(form: string): SourceError {
  return new SourceError('malformed', `the inventory is not ${form}`, `Write it again as ${form}.`);
}
