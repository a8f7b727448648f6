import type { Facts } from '../../model/facts.ts';
import { stepsBelow } from '../stores/file-probe.ts';
import type { StorePaths } from './second-copy.ts';

/**
 * Paths under which copies keep the files of a store: those of its directory, or of a bucket `/bucket/prefix/key`. Rows
 * name keys from the prefix on, or in full. Null where the binding tells no place.
 */
export function storePaths(binding: Facts['storage-binding']): StorePaths | null {
  const { kind, bucket, path, realPath } = binding;
  if (kind !== 's3') {
    if (path === null) return null;
    const roots = realPath === undefined ? [path] : [path, realPath];
    return { roots, pathsOf: (key) => roots.flatMap((root) => below(root, key)) };
  }
  if (bucket === null) return null;
  const prefix = slashed(binding.prefix ?? '');
  return {
    roots: [`/${bucket}/${prefix}`],
    pathsOf: (key) => [
      ...below(`/${bucket}/${prefix}`, key),
      ...(prefix !== '' && key.startsWith(prefix) ? below(`/${bucket}`, key) : []),
    ],
  };
}

function below(directory: string, key: string): readonly string[] {
  const steps = stepsBelow(key)?.filter((step) => step !== '') ?? [];
  return steps.length === 0 ? [] : [[directory.replace(/\/+$/, ''), ...steps].join('/')];
}

/** A prefix as keys of the store begin with it. */
export function slashed(prefix: string): string {
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}
