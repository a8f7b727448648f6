import { z } from 'zod';
import { FACT_KINDS, type FactKind, type Facts, factSchemas } from './facts.ts';
import type { Instant } from './instant.ts';
import { BLIND_REASONS } from './source-error.ts';
import { type Subject, subjectSchema } from './subject.ts';

/** How well a fact is known, weakest first. */
export const GRADES = ['declared', 'observed', 'verified', 'restored', 'chain-verified'] as const;
export type Grade = (typeof GRADES)[number];

/** The weaker of two grades. */
export function weakerGrade(a: Grade, b: Grade): Grade {
  return GRADES.indexOf(a) <= GRADES.indexOf(b) ? a : b;
}

/**
 * The grade of one fact of an answer. Of copies some were read to their end and found whole, and others beside them not:
 * the former are verified; so is a key on a peer that was compared by what only the same key gives. What a restore
 * proved stays what it is.
 */
export function gradeOf<K extends FactKind>(
  { kind, grade }: Pick<Evidence<K>, 'kind' | 'grade'>,
  fact: Facts[K],
): Grade {
  if (grade !== 'observed') return grade;
  if (kind === 'key-peer') {
    const { proof } = fact as Facts['key-peer'];
    return proof === 'check-value' || proof === 'public-key' ? 'verified' : grade;
  }
  if (kind !== 'copy') return grade;
  return (fact as Facts['copy']).verifiedAt == null ? grade : 'verified';
}

/** Why an answer is missing or not complete, and what to change. */
export const blindSpotSchema = z.strictObject({
  reason: z.enum(BLIND_REASONS),
  detail: z.string(),
  remedy: z.string(),
});
export type BlindSpot = Readonly<z.infer<typeof blindSpotSchema>>;

/** How the blind spot of a dataset that an install does not have begins, in place of rows that nobody can ask for. */
export const ABSENT_DATASET = 'the install is declared to have no dataset ';

/**
 * One question put to one source about one subject, with its answer. `items: []` without a blind spot means "asked,
 * there are none"; with one, the items are what was seen before or beside it.
 */
export interface Evidence<K extends FactKind = FactKind> {
  readonly id: string;
  readonly kind: K;
  readonly subject: Subject;
  readonly source: string;
  readonly operation: string;
  /** Where it was asked, safe to print. */
  readonly locator: string;
  readonly grade: Grade;
  readonly collectedAt: Instant;
  readonly items: readonly Facts[K][];
  readonly blindSpot: BlindSpot | null;
}
/**
 * `operation` of a record that only says that the copies of a plan are made by a method that cannot be read: they may
 * bring a database back, and say nothing about the copies that were read.
 */
export const UNREAD_METHOD = 'method';
/**
 * `operation` of a record that only says that files which nobody can look into, and which nothing ties to any database,
 * may hold a copy. What is recorded, or awaited, is not among them.
 */
export const UNOPENED_FILES = 'files that are not looked into';
/** `operation` of a record that only says that no place for copies of whole clusters is configured: nobody looked for any. */
export const NO_PLACE = 'locations of copies of whole clusters: none';
export type AnyEvidence = { readonly [K in FactKind]: Evidence<K> }[FactKind];

const envelope = {
  id: z.string(),
  subject: subjectSchema,
  source: z.string(),
  operation: z.string(),
  locator: z.string(),
  grade: z.enum(GRADES),
  collectedAt: z.string(),
  blindSpot: blindSpotSchema.nullable(),
};

function recordSchema(kind: FactKind) {
  return z.strictObject({ ...envelope, kind: z.literal(kind), items: z.array(factSchemas[kind] as z.ZodType) });
}

function byKind(schemaOf: (kind: FactKind) => z.core.$ZodTypeDiscriminable): z.ZodType {
  const [first, ...rest] = FACT_KINDS.map(schemaOf);
  if (first === undefined) throw new Error('the vocabulary is empty');
  return z.discriminatedUnion('kind', [first, ...rest]);
}

/** Parses one evidence record that was written earlier, by this or another version. */
export const evidenceSchema = byKind(recordSchema) as z.ZodType<AnyEvidence>;

/** Facts of organizations that are compared with those of all others. */
const COMPARED = ['storage-binding', 'tenant-database', 'keyring', 'key-state'] as const satisfies readonly FactKind[];
type Compared = (typeof COMPARED)[number];

/** A record as the comparison of all organizations needs it: of what is not compared, only that it is there and since when. */
export type ComparedEvidence =
  | { readonly [K in Compared]: Evidence<K> }[Compared]
  | { readonly kind: Exclude<FactKind, Compared>; readonly collectedAt: Instant };

const compared: ReadonlySet<FactKind> = new Set(COMPARED);

/** Parses one record for the comparison. What it leaves out is not checked: to be judged, records are read by {@link evidenceSchema}. */
export const comparedEvidenceSchema = byKind((kind) =>
  compared.has(kind) ? recordSchema(kind) : z.object({ kind: z.literal(kind), collectedAt: z.string() }),
) as z.ZodType<ComparedEvidence>;
