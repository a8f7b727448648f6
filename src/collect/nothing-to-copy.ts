import type { Evidence } from '../model/evidence.ts';
import type { PartBuilder } from './estate.ts';
import { EMPTY_DIRECTORY } from './stores/store-evidence.ts';

/**
 * Where no file was ever registered and the live directory is empty, there is nothing that a finished backup set could
 * lack: a listing shows files only, so an empty directory is in none.
 */
export function nothingToCopy(part: PartBuilder): void {
  const last = new Map<string, Evidence<'store-state'>>();
  for (const record of part.evidence) {
    if (record.kind !== 'store-state') continue;
    const known = last.get(record.subject.key);
    if (known === undefined || record.collectedAt > known.collectedAt) last.set(record.subject.key, record);
  }
  const empty = new Set(
    [...last.values()]
      .filter(({ items }) => items.some((item) => item.detail === EMPTY_DIRECTORY))
      .map(({ subject }) => subject.key),
  );
  for (const [index, record] of part.evidence.entries()) {
    if (record.kind !== 'file-copy' || !empty.has(record.subject.key)) continue;
    part.evidence[index] = { ...record, items: record.items.map((item) => ({ ...item, present: true })) };
  }
}
