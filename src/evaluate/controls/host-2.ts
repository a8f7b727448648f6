import { defineControl } from '../define-control.ts';
import { backedUpHostFile } from '../host-files.ts';

/** HOST-2: the state directory is there and its present state is backed up. Its contents never reach a report. */
export const host2 = defineControl({
  id: 'HOST-2',
  title: 'The state directory is backed up',
  failureTitle: 'The state directory is not backed up',
  severity: 'medium',
  bears: 'protection',
  subject: 'host',
  rationale: 'It holds what the installed product knows about itself; without it a new host starts as a stranger.',
  remediation:
    'Add the directory to a backup set that lies outside the lost failure domain, encrypted, as it can hold secrets, and run that backup after every change. Caches, logs and binaries need not be in it.',
  remediationUnknown:
    'Let the audit read the directory and its copies. One that is empty: mount what belongs there, or bring back the newest copy that holds files, before the next backup runs.',
  limits: [],
  combine: 'all',
  parts: backedUpHostFile('state-directory'),
});
