import { z } from 'zod';
import { GRADES } from './evidence.ts';
import { SEVERITIES } from './severity.ts';
import { subjectSchema } from './subject.ts';

/** What a finding can say. A blind spot never becomes pass or fail; it makes unknown. */
export const STATUSES = ['fail', 'unknown', 'waived', 'pass', 'not-applicable'] as const;
export type Status = (typeof STATUSES)[number];

/** What a control bears on: whether data comes back, whether it still would after the next mistake, or hygiene. */
export const BEARINGS = ['recovery', 'protection', 'audit'] as const;
export type Bearing = (typeof BEARINGS)[number];

/** A control applied to a subject. `because` is one sentence for a reader who knows backups but not this tool. */
export const findingSchema = z.strictObject({
  /** Short hash of control, organization id and subject key: stable from run to run. */
  id: z.string(),
  controlId: z.string(),
  /** The control's title where it holds, its failure title where it fails. */
  title: z.string(),
  severity: z.enum(SEVERITIES),
  bears: z.enum(BEARINGS),
  status: z.enum(STATUSES),
  /** Weakest grade of the evidence it rests on; null where it rests on none. */
  grade: z.enum(GRADES).nullable(),
  limit: z.strictObject({ value: z.number(), text: z.string(), origin: z.string() }).optional(),
  subject: subjectSchema,
  because: z.string(),
  /** Ids of the evidence it rests on. */
  evidence: z.array(z.string()),
  /** Ids of the blind spots that keep it from an answer. */
  blindSpotIds: z.array(z.string()),
  remediation: z.string().optional(),
  waiver: z.strictObject({ reason: z.string(), approver: z.string(), expires: z.string() }).optional(),
});
export type Finding = Readonly<z.infer<typeof findingSchema>>;
