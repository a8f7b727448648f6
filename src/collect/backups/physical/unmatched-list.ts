import type { Facts } from '../../../model/facts.ts';
import type { Instant } from '../../../model/instant.ts';
import type { ArtifactFile } from '../../trees/artifact-tree.ts';

const MOST_OF_A_KIND = 200;

/** Collects what is no copy, in bounded memory: of each kind in each folder so many by name, the rest as a number. */
export interface UnmatchedList {
  /** @param folder what the rest is summed up by, e.g. `main/errors` */
  add(file: ArtifactFile, what: string, folder: string): void;
  facts(): readonly Facts['unmatched-artifact'][];
}

export function unmatchedList(): UnmatchedList {
  const facts: Facts['unmatched-artifact'][] = [];
  const kinds = new Map<string, { folder: string; what: string; seen: number; bytes: number; newest: Instant }>();
  return {
    add({ path, bytes, modifiedAt }, what, folder) {
      const id = `${folder}\0${what}`;
      const kind = kinds.get(id) ?? { folder, what, seen: 0, bytes: 0, newest: modifiedAt };
      kinds.set(id, kind);
      kind.seen += 1;
      if (kind.seen <= MOST_OF_A_KIND) {
        facts.push({ path, bytes, modifiedAt, what, foundName: null });
        return;
      }
      kind.bytes += bytes;
      if (modifiedAt > kind.newest) kind.newest = modifiedAt;
    },
    facts() {
      const rest = [...kinds.values()].filter(({ seen }) => seen > MOST_OF_A_KIND);
      return [
        ...facts,
        ...rest.map(({ folder, what, seen, bytes, newest }) => ({
          path: folder === '' ? '.' : folder,
          bytes,
          modifiedAt: newest,
          what: `${what} (${seen - MOST_OF_A_KIND} more)`,
          foundName: null,
        })),
      ];
    },
  };
}
