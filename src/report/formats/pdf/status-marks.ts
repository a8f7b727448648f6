import type { Status } from '../../../model/finding.ts';
import type { Verdict } from '../../../model/report.ts';
import type { ShownPlane } from '../../wording/words.ts';
import type { StatusShape } from './status-shape.ts';

/** Which shape stands beside which word. */
export const STATUS_SHAPES: Readonly<Record<Status, StatusShape>> = {
  fail: 'bad',
  unknown: 'open',
  waived: 'waived',
  pass: 'good',
  'not-applicable': 'none',
};

export const PLANE_SHAPES: Readonly<Record<ShownPlane, StatusShape>> = {
  gap: 'bad',
  unknown: 'open',
  ok: 'good',
  'not-applicable': 'none',
  due: 'none',
};

const VERDICT_SHAPES: Readonly<Record<Verdict, StatusShape>> = {
  'not-recoverable': 'bad',
  unknown: 'open',
  'at-risk': 'warning',
  recoverable: 'good',
};

export function verdictShape(verdict: Verdict | null): StatusShape {
  return verdict === null ? 'none' : VERDICT_SHAPES[verdict];
}
