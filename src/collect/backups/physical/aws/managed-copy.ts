import type { Instant } from '../../../../model/instant.ts';
import type { PhysicalCopy } from '../physical-copy.ts';
import { domainOf } from './arn.ts';

/** What a vault adds to what it holds. */
export interface PointLock {
  readonly lockedUntil: Instant | null;
}

/** A copy with the keys of AWS KMS that encrypt it, as its service names them. */
export interface KeyedCopy {
  readonly copy: PhysicalCopy;
  readonly keyIds: readonly string[];
}

/** What differs among the copies that a service keeps; the rest is the same for all of them. */
export interface ManagedCopy
  extends Pick<
    PhysicalCopy,
    | 'method'
    | 'format'
    | 'cluster'
    | 'timesFrom'
    | 'serverVersion'
    | 'bytes'
    | 'integrity'
    | 'integrityBecause'
    | 'encrypted'
  > {
  readonly arn: string;
  /** What it is consistent as of; null where that is not told. */
  readonly takenAt: Instant | null;
  /** False where it may be consistent as of any moment from then until `modifiedAt`. */
  readonly isExact?: boolean;
  readonly modifiedAt: Instant;
  readonly lockedUntil: Instant | null;
  /** Keys that encrypt it, as the service names them; null where it names none. */
  readonly keyIds: readonly (string | null)[];
}

/**
 * A snapshot never lists databases: it is of the whole instance, and holds each that was there at its time. WAL is the
 * service's own business.
 */
export function managedCopy({ arn, takenAt, isExact = true, keyIds, ...told }: ManagedCopy): KeyedCopy {
  const copy: PhysicalCopy = {
    ...told,
    label: arn,
    path: arn,
    kind: 'snapshot',
    needs: [],
    timeline: null,
    databases: null,
    startedAt: takenAt,
    stoppedAt: isExact ? takenAt : null,
    wal: null,
    toolVersion: null,
    readToEnd: false,
    domain: domainOf(arn),
  };
  return { copy, keyIds: [...new Set(keyIds.filter((id) => id !== null))] };
}

/** What the state of a snapshot makes of it: only `available` restores; one that failed never will. */
export function verdictOf(status: string | null): 'available' | 'failed' | 'unfinished' {
  if (status === 'available') return 'available';
  return status !== null && /^(failed|error|incompatible|inaccessible)/.test(status) ? 'failed' : 'unfinished';
}

/** A word of AWS's, cut short: it comes from outside. */
export function shown(word: string | null): string {
  return word === null ? 'not told' : word.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);
}
