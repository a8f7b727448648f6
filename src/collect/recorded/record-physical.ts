import { readPhysicalLocations } from '../backups/physical/read-physical.ts';
import type { OpenLocation } from '../estate.ts';
import type { PutAnswer, RecordingAccess } from './recording-access.ts';

/** Purposes whose copies are told by names which only the install knows. */
export const TOLD_BY_NAMES: ReadonlySet<string> = new Set(['restic', 'borg', 'inventory']);

type PhysicalAccess = Pick<RecordingAccess, 'asker' | 'signal' | 'secret' | 'depth' | 'names'>;

/** Reads a place of copies of whole clusters, and of what is told by programs, listings and people, as a scan would. */
export async function recordPhysical(access: PhysicalAccess, open: OpenLocation, put: PutAnswer): Promise<void> {
  const { names } = access;
  const purposes = open.config.purposes.filter((purpose) => names !== null || !TOLD_BY_NAMES.has(purpose));
  if (open.config.kind !== 'directory' || purposes.length === 0) return;
  const location = { ...open, config: { ...open.config, purposes } };
  const depth = access.depth === 'full' ? 'full' : 'structure';
  for (const { name, purpose, contents } of await readPhysicalLocations(
    access,
    [location],
    names ?? undefined,
    depth,
  )) {
    const { copies, archives, plans, unmatched, blindSpot, files, leftOut, mayHoldAny, stated, linked, damage } =
      contents;
    await put({
      type: 'physical',
      location: name,
      purpose,
      ...(TOLD_BY_NAMES.has(purpose) ? { byNames: true } : {}),
      contents: {
        copies,
        archives,
        plans,
        unmatched: [...unmatched],
        blindSpot,
        ...(files === undefined ? {} : { files }),
        ...(mayHoldAny === undefined ? {} : { mayHoldAny }),
        ...(leftOut === undefined ? {} : { leftOut }),
        ...(stated === undefined ? {} : { stated }),
        ...(damage === undefined ? {} : { damage }),
        ...(linked === undefined ? {} : { linked: [...linked].sort() }),
      },
    });
  }
}
