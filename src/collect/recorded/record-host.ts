import type { Facts } from '../../model/facts.ts';
import { systemClock } from '../ask.ts';
import { hostSystem } from '../hosts/host-system.ts';
import type { Attachment } from '../hosts/mounted-on.ts';
import { readHostFile } from '../hosts/read-host-file.ts';
import { type DirectoryLocation, type PutAnswer, type RecordingAccess, recordLocation } from './record-location.ts';

/** What a plan asks of a host. */
export interface HostQuestions {
  readonly hostFiles: readonly { readonly role: Facts['host-file']['role']; readonly path: string }[];
  /** Whether the host's operating system is asked. */
  readonly system: boolean;
  /** Directories of live stores. */
  readonly stores: readonly string[];
  readonly locations: readonly DirectoryLocation[];
}

/** Answers every question of a plan on the host that this runs on. @throws only when interrupted, and what `put` throws */
export async function recordHost(access: RecordingAccess, questions: HostQuestions, put: PutAnswer): Promise<void> {
  const { asker, signal } = access;
  if (questions.system) {
    await put({ type: 'host-system', collectedAt: systemClock(), fact: await hostSystem(), blindSpot: null });
  }
  for (const { role, path } of questions.hostFiles) {
    const collectedAt = systemClock();
    try {
      const fact = await readHostFile(access, role, path);
      await put({ type: 'host-file', collectedAt, role, path, fact, blindSpot: null });
    } catch (error) {
      signal.throwIfAborted();
      const blindSpot = asker.blindSpotOf(error, 'install host');
      await put({ type: 'host-file', collectedAt, role, path, fact: null, blindSpot });
    }
  }
  for (const path of questions.stores) await recordStore(access, path, put);
  for (const location of questions.locations) await recordLocation(access, location, put);
}

async function recordStore({ asker, signal, probe }: RecordingAccess, path: string, put: PutAnswer): Promise<void> {
  const collectedAt = systemClock();
  let attachment: Attachment = 'unknown';
  try {
    attachment = await probe.ask({ ask: 'attachment', path }, signal);
    const state = await probe.ask({ ask: 'directory', path }, signal);
    await put({ type: 'store', collectedAt, path, state, attachment, blindSpot: null });
  } catch (error) {
    signal.throwIfAborted();
    const blindSpot = asker.blindSpotOf(error, 'install host');
    await put({ type: 'store', collectedAt, path, state: null, attachment, blindSpot });
  }
}
