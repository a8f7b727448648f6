import { SourceError } from '../../model/source-error.ts';
import type { FileCopies } from '../estate.ts';
import { stepsOf } from './dated-copies.ts';

/** @throws SourceError where another host read the copies, and did not tell what they hold of this path */
export function assertTold(
  { told, location }: Pick<FileCopies, 'told' | 'location'>,
  { path, digest }: { readonly path: string; readonly digest: 'none' | 'file' | 'tree' },
  inside: string,
): void {
  if (told === undefined) return;
  const { kept, deepest, host } = told;
  const isTold = digest === 'file' ? kept.includes(path) : deepest === null || stepsOf(inside) <= deepest;
  if (isTold) return;
  const what = `location ${location.config.name}: what its copies hold of a path was not told when host ${host} was collected`;
  throw digest === 'file'
    ? new SourceError('not-asked', what, 'Write a new plan, which names the path: recoverage plan, collect --plan.')
    : new SourceError(
        'unsupported',
        `${what}, as it lies below more directories than a bundle tells of`,
        'Keep the files of the install in a backup set of their own, or run the audit where the location can be read.',
      );
}
