import { z } from 'zod';

/** The closed list of what may be declared in attestations.yaml, because no tool can see it. */
export const STATEMENTS = [
  'database-recreated',
  'unseal-shares-held',
  'recovery-shares-held',
  'hsm-vendor-export-done',
  'security-domain-backed-up',
  'imported-key-material-kept',
  'encryption-at-rest',
  'location-read-only-to-host',
  'offline-copy-kept',
  'plan-of-another-tool',
  'roles-in-code',
  'infrastructure-credentials-outside-host',
  'runbook-reviewed',
  'scratch-copies-removed',
  'key-policy-in-code',
] as const;
export type Statement = (typeof STATEMENTS)[number];

export const statementSchema = z.enum(STATEMENTS);

/** Each statement as the report prints it, for readers without a technical background. */
export const STATEMENT_TEXTS: Readonly<Record<Statement, string>> = {
  'database-recreated':
    'The database was created anew, or restored table by table, on the date given; copies from before it are of the same database.',
  'unseal-shares-held':
    'Enough people hold the key shares that open the key server after a restart, and each can be reached.',
  'recovery-shares-held':
    'Enough people hold the recovery shares of the key server that opens itself, and each can be reached.',
  'hsm-vendor-export-done': 'The keys of the hardware security module were exported by the method of its maker.',
  'security-domain-backed-up':
    'The security domain of the managed hardware security module was downloaded and is kept with its keys.',
  'imported-key-material-kept': 'The key material that was imported into the key service is kept outside it.',
  'encryption-at-rest': 'What lies in this place is encrypted on its disks.',
  'location-read-only-to-host':
    'The install host cannot change or delete what lies in this place, such as an offline or write-once copy.',
  'offline-copy-kept':
    'What lies in this place is kept offline or write-once for as long as copies must be kept: nobody can change or delete it over the network.',
  'plan-of-another-tool': 'Another tool, which this audit does not ask, backs this up on a schedule.',
  'roles-in-code': 'The roles and settings of the database server are kept as code and can be applied again.',
  'infrastructure-credentials-outside-host':
    'The credentials that a recovery takes are kept outside the install host: connection strings, key provider credentials, TLS keys and passphrases of backup repositories.',
  'runbook-reviewed': 'A runbook for the recovery of this install exists and was reviewed on the date given.',
  'scratch-copies-removed': 'What restore tests left behind was removed.',
  'key-policy-in-code': 'Keys and who may use them are kept as code and can be applied again.',
};
