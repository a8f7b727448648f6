import { dirname } from 'node:path';
import { SourceError } from '../model/source-error.ts';
import type { HostProbe } from './hosts/probe/host-probe.ts';
import { isAbsent } from './trees/file-error.ts';

/**
 * A share that is not mounted leaves an empty directory in its place, without what was below it. So that a path is not
 * there tells something only where the nearest directory above it that is there holds something else. @throws SourceError
 */
export async function assertAboveIsFilled(
  probe: Pick<HostProbe, 'ask'>,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { above, empty } = await nearestAbove(probe, path, signal);
  if (!empty) return;
  throw new SourceError(
    'unreachable',
    `${path} does not exist, and ${above} is empty: it may be unmounted`,
    `Check whether what belongs there is mounted: findmnt --target ${above}.`,
  );
}

async function nearestAbove(
  probe: Pick<HostProbe, 'ask'>,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly above: string; readonly empty: boolean }> {
  for (let above = dirname(path); ; above = dirname(above)) {
    try {
      const { empty } = await probe.ask({ ask: 'directory', path: above }, signal);
      return { above, empty };
    } catch (error) {
      const isThere = !(error instanceof SourceError) || !isAbsent(error.cause);
      if (isThere || above === dirname(above)) throw error;
    }
  }
}

/** Why nobody knows what is at a path of which `error` tells; null where nothing is there for certain. */
export async function whyNotAbsent(
  error: unknown,
  probe: Pick<HostProbe, 'ask'>,
  path: string,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof SourceError) || !isAbsent(error.cause)) return error;
  try {
    await assertAboveIsFilled(probe, path, signal);
    return null;
  } catch (other) {
    return other;
  }
}
