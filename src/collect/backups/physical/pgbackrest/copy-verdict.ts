import type { SourceError } from '../../../../model/source-error.ts';
import { counted } from '../../../../model/text.ts';
import type { PhysicalCopy, ReadingDepth } from '../physical-copy.ts';
import { damageInWords, type FileTally } from './check-files.ts';

export type CopyVerdict = Pick<PhysicalCopy, 'integrity' | 'integrityBecause' | 'readToEnd'>;

/** What was found of one backup whose manifest could be read. */
export interface CopyFindings {
  readonly tally: FileTally;
  readonly depth: ReadingDepth;
  /** Why its files could not all be read; null where they could, or need not be. */
  readonly unread: SourceError | null;
  /** Why the copy of the manifest was taken in its place; null where it was not. */
  readonly manifestDamage: string | null;
  /** Why `backup.info` or `archive.info` could not be read; null where both could. */
  readonly stanzaError: SourceError | null;
  /** pgBackRest notes in `backup.info` that it met pages with wrong checksums. */
  readonly pageErrors: boolean;
}

/** What the findings mean, the worst first. */
export function verdictOf({
  tally,
  depth,
  unread,
  manifestDamage,
  stanzaError,
  pageErrors,
}: CopyFindings): CopyVerdict {
  const damage = damageInWords(tally);
  if (damage !== null) return incomplete(damage);
  if (pageErrors || tally.pageErrors > 0) {
    return incomplete('pgBackRest found pages with wrong checksums in the data directory while it made this backup');
  }
  if (tally.held === 0) return incomplete('its manifest names no file of its own');
  if (unread !== null) return unproven(unread.message);
  if (stanzaError !== null) return unproven(`pgBackRest restores nothing in this state: ${stanzaError.message}`);
  const beside = manifestDamage === null ? '' : `; the copy of its manifest was taken, as ${manifestDamage}`;
  const files = counted(tally.held, 'file');
  if (depth === 'structure') {
    const because = `its manifest has its checksum, and the ${files} it names are there with their sizes${beside}`;
    return { integrity: 'complete', integrityBecause: because, readToEnd: false };
  }
  if (tally.unopened > 0) {
    return unproven(`${tally.unopened} of its ${files} could not be compared: ${tally.whyUnopened}`);
  }
  const because = `every byte of the ${files} its manifest names agrees with the checksums in it${beside}`;
  return { integrity: 'complete', integrityBecause: because, readToEnd: true };
}

/** Of a backup whose manifest could not be read. */
export function verdictWithoutManifest(error: SourceError, infoError: SourceError | null): CopyVerdict {
  if (infoError?.reason === 'unauthorized') return unproven(infoError.message);
  return error.reason === 'malformed' ? incomplete(error.message) : unproven(error.message);
}

export function incomplete(integrityBecause: string): CopyVerdict {
  return { integrity: 'incomplete', integrityBecause, readToEnd: false };
}

export function unproven(integrityBecause: string): CopyVerdict {
  return { integrity: 'unproven', integrityBecause, readToEnd: false };
}
