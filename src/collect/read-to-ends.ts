import type { ReadingSummary } from '../model/bundle.ts';
import { MINUTE } from '../model/instant.ts';
import { presentCopies } from './backups/verification/present-copies.ts';
import { createCopyReadings } from './backups/verification/read-copies.ts';
import { createBudget, type VerificationBudget } from './backups/verification/verification-budget.ts';
import type { VerificationMemory } from './backups/verification/verification-memory.ts';
import type { Progress } from './bundle-sink.ts';
import { copiedDatabases } from './copied-databases.ts';
import type { Collection, Estate } from './estate.ts';
import { doubtedCopies } from './file-sets/doubted-copies.ts';

const GIBIBYTE = 1024 ** 3;
/** At depth `mixed`, where the configuration states none. */
const DEFAULTS = { minutes: 30, gibibytes: 200 } as const;

/** The budget of one run; at depth `full` without limits where the configuration states none. */
export function budgetOf({ depth, verification }: Collection['config']['collect']): VerificationBudget {
  const isFull = depth === 'full';
  const minutes = verification.minutes ?? (isFull ? null : DEFAULTS.minutes);
  const gibibytes = verification.gibibytes ?? (isFull ? null : DEFAULTS.gibibytes);
  const limits = {
    bytes: gibibytes === null ? null : gibibytes * GIBIBYTE,
    millis: minutes === null ? null : minutes * MINUTE,
  };
  return createBudget(limits, () => performance.now());
}

/**
 * Reads copies to their end before the organizations are walked, and writes down what was verified, after an
 * interruption, too.
 */
export async function readToEnds(
  collection: Collection,
  estate: Estate,
  { memory, progress }: { readonly memory: VerificationMemory; readonly progress: (progress: Progress) => void },
  organizationsFile: string,
): Promise<{ readonly estate: Estate; readonly summary: ReadingSummary }> {
  const budget = budgetOf(collection.config.collect);
  const copies = createCopyReadings(collection, estate, {
    memory,
    budget,
    progress: (done, total) => progress({ phase: 'reading copies', done, total }),
  });
  const notes = [...refusals(memory.refused)];
  try {
    await copies.read(copiedDatabases(collection, estate, organizationsFile));
  } finally {
    if (copies.summary().read > 0) {
      const { dumps, physical } = await copies.current();
      const present = presentCopies(
        dumps,
        physical.map(({ location }) => location),
      );
      const failure = await memory.save(present).then(
        () => null,
        (error: NodeJS.ErrnoException) => error.code ?? error.name,
      );
      if (failure !== null) notes.push(unsaved(failure));
    }
  }
  const current = await copies.current();
  return {
    estate: { ...estate, ...current, fileCopies: doubtedCopies(estate.fileCopies, current.physical) },
    summary: { ...copies.summary(), notes },
  };
}

function refusals({ damaged, seal }: { readonly damaged: number; readonly seal: number }): ReadingSummary['notes'] {
  const remedy =
    'Look who can write to that file (collect.verification.file); the copies are read again in their turn.';
  return [
    ...(damaged === 0
      ? []
      : [{ text: `${damaged} lines of the remembered verifications are damaged, and count for nothing`, remedy }]),
    ...(seal === 0
      ? []
      : [
          {
            text: `${seal} lines of the remembered verifications bear no seal of the configured digestKey, and count for nothing`,
            remedy,
          },
        ]),
  ];
}

function unsaved(why: string): ReadingSummary['notes'][number] {
  return {
    text: `What was verified could not be written down (${why}), so that the next run reads it again`,
    remedy: 'Let the user who runs the audit write to the directory of collect.verification.file.',
  };
}
