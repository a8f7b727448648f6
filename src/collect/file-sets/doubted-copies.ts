import type { MatchedCopies } from '../backups/physical/cluster-copies.ts';
import type { FileCopies } from '../estate.ts';

/**
 * The copies of files, of which those in a repository with damaged data are in doubt: reading the repository to its end
 * shows which of its files are damaged, and not which snapshots need them.
 */
export function doubtedCopies(
  fileCopies: readonly FileCopies[],
  physical: readonly Pick<MatchedCopies, 'location'>[],
): readonly FileCopies[] {
  const damage = new Map(
    physical.flatMap(({ location }) =>
      location.contents.damage === undefined ? [] : [[location.name, location.contents.damage] as const],
    ),
  );
  return fileCopies.map((where) => {
    const doubt = damage.get(where.location.config.name);
    if (doubt === undefined || where.copies === null) return where;
    const copies = where.copies.copies.map((copy) => (copy.listedBy === undefined ? copy : { ...copy, doubt }));
    return { ...where, copies: { ...where.copies, copies } };
  });
}
