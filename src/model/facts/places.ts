import { z } from 'zod';
import { count, instant, text } from './parts.ts';

/** Places, declarations about them, and what was found in them that nothing owns. */
export const placeFacts = {
  /** Where something stands: stated in the configuration, or observed (an ARN's account and region, a local mount). */
  'failure-domain': z.strictObject({
    host: text,
    site: text,
    account: text,
    region: text,
    origin: z.enum(['stated', 'observed']),
    /** Stated of storage that looks like a disk of the host and stands elsewhere: how it is attached. */
    attachedAs: text.optional(),
    /** Observed of a location: another one that holds the same files (hard links), so that both are one place. */
    sameFilesAs: z.string().optional(),
  }),
  /** Of a location: what it is for. */
  location: z.strictObject({ kind: z.string(), purposes: z.array(z.string()), timezone: text }),
  /** What no tool can see, from attestations.yaml. Expires. */
  declaration: z.strictObject({
    id: z.string(),
    statement: z.string(),
    owner: z.string(),
    date: instant,
    expires: instant,
    evidenceDigest: text,
  }),
  /** Of the install, made while judging: a gap planted in a made-up install, and what the controls of this run said of it. */
  'planted-gap': z.strictObject({
    controlId: z.string(),
    planted: z.string(),
    /** Statuses of a finding, with the gap and without; null where there is no such control. */
    withGap: text,
    without: text,
  }),
  /** Of the install: the last report of it before this one, by the list of reports that were written. */
  'previous-report': z.strictObject({
    runId: z.string(),
    /** When its evidence was complete. */
    finishedAt: instant,
    /** `sha256:…` of its report.json. */
    digest: z.string(),
    /** Reports of this install in the list. */
    reports: count,
    /** Whether each of them but the first names one that stands before it. */
    linked: z.boolean(),
  }),
  /** Difference of another clock to the collector's: positive when the other is ahead. Milliseconds. */
  clock: z.strictObject({ offsetMillis: z.number(), uncertaintyMillis: z.number() }),
  /** What the credentials that the audit uses may do. */
  'access-rights': z.strictObject({ canWrite: z.boolean(), because: z.string() }),
  /** Of a location: something found that is no copy of a known database. */
  'unmatched-artifact': z.strictObject({
    path: z.string(),
    bytes: count,
    modifiedAt: instant,
    what: z.string(),
    foundName: text,
  }),
} as const;
