import type { Finding } from '../model/finding.ts';
import type { Plane, PlaneState, Planes } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';

const planeByControl = new Map<string, Plane | null>();

/** The plane a control belongs to; null for what belongs to none (inventory, recovery, the audit itself). */
export function planeOf(controlId: string): Plane | null {
  const known = planeByControl.get(controlId);
  if (known !== undefined) return known;
  const plane = planeByName(controlId);
  planeByControl.set(controlId, plane);
  return plane;
}

function planeByName(controlId: string): Plane | null {
  if (controlId === 'INV-4' || controlId.startsWith('DB-')) return 'database';
  if (controlId.startsWith('KEY-')) return 'keys';
  if (controlId.startsWith('FILE-')) return 'files';
  if (controlId.startsWith('HOST-')) return 'host';
  if (controlId.startsWith('RST-')) return 'restore';
  return null;
}

/** True where a finding of a critical or high control bears on recovery or protection and fails. */
export function isSeriousGap(finding: Finding): boolean {
  return finding.status === 'fail' && atLeast(finding.severity, 'high') && finding.bears !== 'audit';
}

/** True where a critical or high control that bears on recovery could not be judged. */
export function isSeriousBlindness(finding: Finding): boolean {
  return finding.status === 'unknown' && atLeast(finding.severity, 'high') && finding.bears === 'recovery';
}

/**
 * The state of one plane over the findings that belong to it.
 *
 * @param unjudged the state of a plane without any finding: unknown, unless it is known that there is nothing to judge
 */
export function planeState(
  plane: Plane,
  findings: readonly Finding[],
  unjudged: 'unknown' | 'not-applicable' = 'unknown',
): PlaneState {
  const own = findings.filter((finding) => planeOf(finding.controlId) === plane);
  if (own.length === 0) return unjudged;
  // A waiver changes gates and tallies, never what is so.
  if (own.some((finding) => isSeriousGap(unwaived(finding)))) return 'gap';
  if (own.some(isSeriousBlindness)) return 'unknown';
  return own.every((finding) => finding.status === 'not-applicable') ? 'not-applicable' : 'ok';
}

/** The five planes of an organization: its own three, and the install's host and restore tests repeated. */
export function planesOf(
  own: readonly Finding[],
  { host, restore }: Pick<Planes, 'host' | 'restore'>,
  isExcluded = false,
): Planes {
  const unjudged = isExcluded ? 'not-applicable' : 'unknown';
  return {
    database: planeState('database', own, unjudged),
    keys: planeState('keys', own, unjudged),
    files: planeState('files', own, unjudged),
    host,
    restore,
  };
}

/** The five planes of the install, which has no file store of its own. */
export function installPlanes(findings: readonly Finding[]): Planes {
  const shared = { host: planeState('host', findings), restore: planeState('restore', findings) };
  return { ...planesOf(findings, shared), files: planeState('files', findings, 'not-applicable') };
}

/** A waived finding as it was before the waiver. */
export function unwaived(finding: Finding): Finding {
  return finding.status === 'waived' ? { ...finding, status: 'fail' } : finding;
}
