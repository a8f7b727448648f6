import type { Finding } from '../model/finding.ts';
import type { Plane, PlaneState, Planes } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';

/** The plane a control belongs to; null for what belongs to none (inventory, recovery, the audit itself). */
export function planeOf(controlId: string): Plane | null {
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

/** The state of one plane over the findings that belong to it. */
export function planeState(plane: Plane, findings: readonly Finding[]): PlaneState {
  const own = findings.filter((finding) => planeOf(finding.controlId) === plane);
  // A waiver changes gates and tallies, never what is so.
  if (own.some((finding) => isSeriousGap(unwaived(finding)))) return 'gap';
  if (own.some(isSeriousBlindness)) return 'unknown';
  return own.every((finding) => finding.status === 'not-applicable') ? 'not-applicable' : 'ok';
}

/** The five planes: the organization's own three, and the install's host and restore tests repeated. */
export function planesOf(own: readonly Finding[], install: readonly Finding[]): Planes {
  return {
    database: planeState('database', own),
    keys: planeState('keys', own),
    files: planeState('files', own),
    host: planeState('host', install),
    restore: planeState('restore', install),
  };
}

/** A waived finding as it was before the waiver. */
export function unwaived(finding: Finding): Finding {
  return finding.status === 'waived' ? { ...finding, status: 'fail' } : finding;
}
