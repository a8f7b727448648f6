import { DAY, HOUR, type Instant, toInstant, toMillis } from '../../model/instant.ts';
import type { Subject } from '../../model/subject.ts';
import { type SoundFacts, SUBJECTS } from './sound-install.ts';

/** One gap that must be found where it is planted, and must not be where it is not. */
export interface Plant {
  readonly controlId: string;
  readonly subject: Subject;
  /** What is planted, as a plain phrase. */
  readonly planted: string;
  change(facts: SoundFacts, asOf: Instant): SoundFacts;
}

const before = (asOf: Instant, millis: number): Instant => toInstant(toMillis(asOf) - millis);

/** At least one for each plane that a small install shows. They name controls, and no control knows them. */
export const PLANTS: readonly Plant[] = [
  {
    controlId: 'INV-1',
    subject: SUBJECTS.install,
    planted: 'an organization that was counted and not listed',
    change: (facts) => ({ ...facts, 'organization-list': { ...facts['organization-list'], counted: 2 } }),
  },
  {
    controlId: 'DB-2',
    subject: SUBJECTS.database,
    planted: 'a database whose only copy is of another one',
    change: (facts) => ({ ...facts, copy: { ...facts.copy, foundName: 'other', nameAgrees: false } }),
  },
  {
    controlId: 'DB-3',
    subject: SUBJECTS.database,
    planted: 'a database whose newest copy is a month old',
    change: (facts, asOf) => {
      const at = before(asOf, 31 * DAY);
      const moment = { notBefore: at, notAfter: at, origin: 'made up' };
      return { ...facts, copy: { ...facts.copy, modifiedAt: at, moment } };
    },
  },
  {
    controlId: 'DB-6',
    subject: SUBJECTS.database,
    planted: 'a copy that is cut off',
    change: (facts) => ({
      ...facts,
      copy: { ...facts.copy, integrity: 'incomplete', integrityBecause: 'it ends in the middle' },
    }),
  },
  {
    controlId: 'DB-7',
    subject: SUBJECTS.database,
    planted: 'a copy of another database under the right name',
    change: (facts) => ({ ...facts, copy: { ...facts.copy, foundName: 'other', nameAgrees: false } }),
  },
  {
    controlId: 'KEY-1',
    subject: SUBJECTS.provider,
    planted: 'a key provider that is sealed',
    change: (facts) => ({ ...facts, 'provider-state': { ...facts['provider-state'], sealed: true } }),
  },
  {
    controlId: 'HOST-1',
    subject: SUBJECTS.host,
    planted: 'a bootstrap file that was changed after its last copy',
    change: (facts) => ({ ...facts, 'host-file': { ...facts['host-file'], digest: 'changed' } }),
  },
  {
    controlId: 'HOST-3',
    subject: SUBJECTS.host,
    planted: 'a bootstrap file that everybody on the host can read',
    change: (facts) => ({ ...facts, 'host-file': { ...facts['host-file'], mode: '0644' } }),
  },
  {
    controlId: 'RST-1',
    subject: SUBJECTS.install,
    planted: 'an install that was last restored two years ago',
    change: (facts, asOf) => ({
      ...facts,
      'restore-test': { ...facts['restore-test'], performedAt: before(asOf, 730 * DAY + HOUR) },
    }),
  },
];
