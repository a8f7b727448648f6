import type { Facts } from '../model/facts.ts';
import type { Collection } from './estate.ts';
import { hostProbe } from './hosts/probe/host-probe.ts';

/**
 * Adds where the directory of a binding really is, so that two names of one directory are compared as one. Of what is not
 * there, and of a share that hangs, the name is all that is known: that is told where its state is asked for.
 */
export async function withRealPath(
  { config, signal }: Pick<Collection, 'config' | 'signal'>,
  binding: Facts['storage-binding'],
): Promise<Facts['storage-binding']> {
  const { kind, path } = binding;
  if (path === null || kind === 's3' || !config.install.collectorRunsHere) return binding;
  try {
    const { path: realPath } = await hostProbe.ask({ ask: 'place', path }, signal);
    return realPath === path ? binding : { ...binding, realPath };
  } catch {
    signal.throwIfAborted();
    return binding;
  }
}
