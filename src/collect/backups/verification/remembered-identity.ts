import { READING_RULES } from '../../formats/pg-dump/reading-rules.ts';
import type { CopyIdentity } from './copy-identity.ts';
import { clusterReadingRules } from './remembered-cluster-copy.ts';
import type { RememberedReading } from './remembered-lines.ts';

/** Copies of one kind: their keys are told apart from those of another kind in the same location. */
export type RememberedGroup = 'copy' | 'sum' | `cluster-copy ${string}`;

/** Where something that was read is looked up, and the state that it was in. */
export interface RememberedPlace {
  readonly location: string;
  readonly locator: string;
  readonly group: RememberedGroup;
  readonly key: string;
  /** Compared and nothing else: a reading counts for exactly this state. */
  readonly identity: string;
}

/** What the listing tells of a file, or of a directory as a whole. */
export function listedIdentity({ bytes, modifiedAt, version }: Omit<CopyIdentity, 'location' | 'path'>): string {
  return JSON.stringify([bytes, modifiedAt, version]);
}

export function placeOf(line: RememberedReading): RememberedPlace {
  const { location, locator } = line;
  if (line.type === 'cluster-copy') {
    return { location, locator, group: `cluster-copy ${line.purpose}`, key: line.label, identity: line.identity };
  }
  return { location, locator, group: line.type, key: line.path, identity: listedIdentity(line) };
}

/** Whether it was read by the rules of today. */
export function isCurrent(line: RememberedReading): boolean {
  switch (line.type) {
    case 'copy':
      return line.rules === (line.reading === null ? 0 : READING_RULES[line.reading.format]);
    case 'cluster-copy':
      return line.rules === clusterReadingRules(line.copy.method);
    case 'sum':
      return true;
  }
}
