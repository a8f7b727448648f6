import { defineControl } from '../define-control.ts';
import { backedUpHostFile } from '../host-files.ts';

/** HOST-1: the bootstrap configuration is there and its present state is backed up. */
export const host1 = defineControl({
  id: 'HOST-1',
  title: 'The bootstrap configuration is backed up',
  failureTitle: 'The bootstrap configuration is not backed up',
  severity: 'medium',
  bears: 'protection',
  subject: 'host',
  rationale:
    'A new host cannot start the product without it, and rebuilding it from memory costs the hours that count.',
  remediation:
    'Add the file to a backup set that lies outside the lost failure domain, and run that backup after every change of the file. One that holds nothing but NUL bytes is lost already: bring back the newest copy with other contents.',
  remediationUnknown:
    'Let the audit read the file and its copies. One that is empty, holds NUL bytes or sets no variable: compare it with the newest copy that has other contents, and bring that back.',
  limits: [],
  combine: 'all',
  parts: backedUpHostFile('bootstrap'),
});
