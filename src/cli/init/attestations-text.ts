import { STATEMENT_TEXTS, STATEMENTS } from '../../model/statements.ts';

/** An attestations file that declares nothing yet, with every statement explained. */
export function attestationsText(schema: string): string {
  return `${[
    `# yaml-language-server: $schema=${schema}`,
    '#',
    '# What no tool can see, declared by a named person for a limited time (at most 366 days). The report counts what',
    '# rests on these declarations; one that has expired counts for nothing.',
    '#',
    '# subject: install, or <kind>:<key> as the report prints it, e.g. provider:vault-main or location:dumps',
    '#',
    '# attestations:',
    '#   - id: shares-2026',
    '#     subject: provider:vault-main',
    '#     statement: unseal-shares-held',
    '#     owner: Jane Doe, head of operations',
    '#     date: 2026-01-15',
    '#     expires: 2026-12-31',
    '#',
    '# Statements:',
    ...STATEMENTS.map((statement) => `#   ${statement}: ${STATEMENT_TEXTS[statement]}`),
    'attestations: []',
  ].join('\n')}\n`;
}
