import type { ArchiveHeader } from './archive-header.ts';
import type { TableOfContents } from './archive-toc.ts';
import type { DumpIntegrity } from './dump-reading.ts';

/** An archive with what this reader does not know is not proven by what it does know. */
export function asFarAsKnown(header: ArchiveHeader, toc: TableOfContents, integrity: DumpIntegrity): DumpIntegrity {
  if (integrity.state !== 'complete') return integrity;
  if (header.compression === 'unknown') {
    return { state: 'unproven', because: 'its header states a compression that this reader does not know' };
  }
  if (toc.holdsUnknownKind) {
    const because =
      'its table of contents has an owned object of a kind that this reader does not know: it is damaged, or of a later or other product, and only a restore shows which';
    return { state: 'unproven', because };
  }
  return integrity;
}
