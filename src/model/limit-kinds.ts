import type { Subject } from './subject.ts';

/** Kinds of assets that a policy may set thresholds of; in the words of the configuration. */
export const LIMIT_KINDS = ['install-database', 'tenant-database', 'cluster', 'files', 'keys', 'location'] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

/**
 * The kind whose thresholds a subject is judged by; null for the host, which none is asked of. An organization as a whole is judged by those of its tenant database,
 * and the install by those of the install database, so that a recovery point is measured as the copy that it comes from.
 */
export function limitKindOf({ kind, organizationId }: Pick<Subject, 'kind' | 'organizationId'>): LimitKind | null {
  switch (kind) {
    case 'database':
    case 'organization':
    case 'install':
      return organizationId === null ? 'install-database' : 'tenant-database';
    case 'store':
      return 'files';
    case 'keyring':
    case 'provider':
      return 'keys';
    case 'host':
      return null;
    default:
      return kind;
  }
}
