import type { Bearing, Status } from '../../src/model/finding.ts';
import type { Severity } from '../../src/model/severity.ts';
import type { SubjectKind } from '../../src/model/subject.ts';

/** Stand-ins for the catalogue: the sample report must not change whenever a control's text does. */
export interface SampleControl {
  readonly id: string;
  readonly title: string;
  readonly failureTitle: string;
  readonly severity: Severity;
  readonly bears: Bearing;
  readonly subject: SubjectKind;
  /** What the sample says for each status. */
  readonly because: Readonly<Partial<Record<Status, string>>>;
  readonly remediation: string;
  readonly limit?: { readonly value: number; readonly text: string; readonly origin: string };
}

const OWN = (text: string, fail: string, unknown: string): SampleControl['because'] => ({
  pass: text,
  fail,
  unknown,
  waived: fail,
  'not-applicable': 'The organization is new and still waits for its first copy',
});

/** Controls on what one organization owns. */
export const ORGANIZATION_CONTROLS: readonly SampleControl[] = [
  {
    id: 'DB-2',
    title: 'A usable copy exists',
    failureTitle: 'No usable copy exists',
    severity: 'critical',
    bears: 'recovery',
    subject: 'database',
    because: OWN(
      '14 complete copies in 2 locations',
      'No complete copy of this database was found',
      'The copy location did not answer',
    ),
    remediation: 'Make a copy now: pg_dump --format=custom --file=<location>/<database>.dump <database>',
  },
  {
    id: 'DB-3',
    title: 'A recent usable copy is there',
    failureTitle: 'The newest usable copy is too old',
    severity: 'critical',
    bears: 'recovery',
    subject: 'database',
    limit: { value: 26, text: '26 h', origin: 'default' },
    because: OWN(
      'The newest usable copy is from 2026-11-22 02:00 UTC, 16 hours old',
      'The newest usable copy is from 2026-11-19 02:00 UTC, 3 days old; the limit is 26 h',
      'The time zone of the newest copy is not known; its age lies between 14 and 42 hours',
    ),
    remediation: 'Find out why the backup plan stopped, and run it once by hand.',
  },
  {
    id: 'DB-8',
    title: 'Its size is plausible',
    failureTitle: 'Its size is not plausible',
    severity: 'medium',
    bears: 'protection',
    subject: 'database',
    limit: { value: 0.5, text: 'half of the median', origin: 'default' },
    because: OWN(
      'The newest copy has 48.2 MB, the median is 47.9 MB',
      'The newest copy has 1.1 MB, the median is 47.9 MB',
      'The sizes could not be read',
    ),
    remediation: 'Compare the tables in the copy with the live database: pg_restore --list <copy>',
  },
  {
    id: 'KEY-2',
    title: 'The key is usable',
    failureTitle: 'The key is not usable',
    severity: 'critical',
    bears: 'recovery',
    subject: 'keyring',
    because: OWN(
      'The key exists and is enabled',
      'The key is pending deletion until 2026-12-04 00:00 UTC',
      'The key provider refused the question',
    ),
    remediation: 'Cancel the deletion before that date: aws kms cancel-key-deletion --key-id <key>',
  },
  {
    id: 'FILE-3',
    title: 'The files survive loss and deletion',
    failureTitle: 'The files do not survive',
    severity: 'critical',
    bears: 'recovery',
    subject: 'store',
    because: OWN(
      'The bucket lies in another account and keeps versions under a lock',
      'The only copy of the files lies on the lost host',
      'The bucket refused the question',
    ),
    remediation: 'Add the directory to a backup set in another failure domain.',
  },
  {
    id: 'REC-1',
    title: 'It would come back',
    failureTitle: 'It would not come back',
    severity: 'critical',
    bears: 'recovery',
    subject: 'organization',
    because: OWN(
      'Database copy of 2026-11-22 02:00 UTC, install copy of 2026-11-22 03:00 UTC, keys in vault-main, files in the bucket',
      'Its files lie only on the lost host',
      'It is not known whether a copy outside the lost host serves',
    ),
    remediation: 'Close the gaps of the chain above, the weakest link first.',
  },
];

/** Controls on the install and on what is shared. */
export const INSTALL_CONTROLS: readonly SampleControl[] = [
  {
    id: 'INV-1',
    title: 'Every organization is accounted for',
    failureTitle: 'Not every organization is accounted for',
    severity: 'critical',
    bears: 'audit',
    subject: 'install',
    because: { pass: 'The count and the list agree' },
    remediation: 'Run the audit again; if the numbers still differ, compare the list by hand.',
  },
  {
    id: 'KEY-5',
    title: 'The provider itself can be recovered',
    failureTitle: 'The provider itself cannot be recovered',
    severity: 'critical',
    bears: 'recovery',
    subject: 'provider',
    limit: { value: 7, text: '7 days', origin: 'policy, keyProviders.snapshotMaxAgeDays' },
    because: { pass: 'A good snapshot of 2026-11-21 23:00 UTC lies outside the provider’s own failure domain' },
    remediation: 'Take one and keep it elsewhere: vault operator raft snapshot save <file>',
  },
  {
    id: 'HOST-1',
    title: 'The bootstrap configuration is backed up',
    failureTitle: 'The bootstrap configuration is not backed up',
    severity: 'medium',
    bears: 'protection',
    subject: 'host',
    because: { fail: '/etc/novantra/bootstrap.env is in no backup set outside the lost domain' },
    remediation: 'Add /etc/novantra to a backup set in another failure domain.',
  },
  {
    id: 'RST-1',
    title: 'The install database was restored lately',
    failureTitle: 'The install database was not restored lately',
    severity: 'high',
    bears: 'recovery',
    subject: 'database',
    limit: { value: 92, text: '92 days', origin: 'default' },
    because: { pass: 'Restored on 2026-10-12 09:30 UTC, 41 days ago, from the copy of 2026-10-12 03:00 UTC' },
    remediation: 'Restore the newest copy into a scratch database and record it.',
  },
];
