import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import type { Estate, PartBuilder } from './estate.ts';
import { type DatedCopy, nameInCopy, namesInCopies } from './hosts/dated-copies.ts';
import { stepsBelow } from './stores/file-probe.ts';

/** A file that an artifact row names and that was found in the live store. */
export interface LiveFile {
  /** As the row names it, relative to the store. */
  readonly key: string;
  /** In the live store. */
  readonly bytes: number;
  /** As the row states them; null where it does not, so that a file may rightly have changed. */
  readonly recordedBytes: number | null;
  /** When the row was made. */
  readonly createdAt: Instant;
}

export interface CopiedStore {
  readonly binding: Facts['storage-binding'];
  readonly files: readonly LiveFile[];
  /** Rows so much younger than a copy may have been registered before their file was there. */
  readonly skewMillis: number;
  /** Whether the directory is that of every organization: that something lies in it tells nothing of this one. */
  readonly isShared: boolean;
}

/** Adds to what is told of the copies of a store whether files that were found in it are in them, too. */
export function compareCopiedFiles(
  part: PartBuilder,
  { fileCopies }: Pick<Estate, 'fileCopies'>,
  store: CopiedStore,
): void {
  const { bindingId, path, realPath } = store.binding;
  if (path === null) return;
  const copyOf = ({ location, copy }: Facts['file-copy']) => {
    const where = fileCopies.find((one) => one.location.config.name === location);
    const names = where === undefined ? [] : namesInCopies({ path, realPath }, where.settings.sourceRoot);
    const found = where?.copies?.copies.find(({ name }) => name === copy);
    const inside = found === undefined ? null : nameInCopy(found, names);
    // Of a copy whose files are not named, nothing can be compared.
    const isNamed = found !== undefined && found.countedOnly !== true && found.statedPath === undefined;
    return inside === null || !isNamed ? null : { inside, found };
  };
  for (const [index, record] of part.evidence.entries()) {
    if (record.kind !== 'file-copy' || record.subject.kind !== 'store' || record.subject.key !== bindingId) continue;
    const items = record.items.map((item) => {
      const place = copyOf(item);
      const compared = place === null ? null : comparedIn(place.found, place.inside, item.moment, store);
      return { ...item, ...(compared === null ? {} : { compared }), ...(store.isShared ? { shared: true } : {}) };
    });
    part.evidence[index] = { ...record, items } satisfies AnyEvidence;
  }
}

type Compared = NonNullable<Facts['file-copy']['compared']>;

/** Null where none of the files was there when the copy was begun. */
function comparedIn(
  { files }: Pick<DatedCopy, 'files'>,
  inside: string,
  moment: Instant,
  { files: live, skewMillis }: Pick<CopiedStore, 'files' | 'skewMillis'>,
): Compared | null {
  const compared: { -readonly [K in keyof Compared]: number } = { files: 0, missing: 0, emptied: 0, sizeDiffers: 0 };
  for (const file of live) {
    const steps = stepsBelow(file.key)?.filter((step) => step !== '');
    if (steps === undefined || toMillis(file.createdAt) > toMillis(moment) - skewMillis) continue;
    compared.files += 1;
    const copied = files.get([...(inside === '' ? [] : [inside]), ...steps].join('/'));
    if (copied === undefined) compared.missing += 1;
    else if (copied.isSizeElsewhere === true) continue;
    else if (copied.bytes === 0 && file.bytes > 0) compared.emptied += 1;
    else if (file.recordedBytes !== null && copied.bytes !== file.bytes) compared.sizeDiffers += 1;
  }
  return compared.files === 0 ? null : compared;
}
