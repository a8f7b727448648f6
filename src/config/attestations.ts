import { z } from 'zod';
import { DAY, toInstant } from '../model/instant.ts';
import { STATEMENTS } from '../model/statements.ts';
import { SUBJECT_KINDS } from '../model/subject.ts';

/** Longest life of an attestation, in days: nobody vouches for more than a year ahead. */
const LONGEST_DAYS = 366;

const day = z.iso.date().transform((text) => toInstant(Date.parse(`${text}T00:00:00Z`)));

const attestationSchema = z
  .strictObject({
    id: z.string().min(1),
    /** `install`, or `<kind>:<key>` as reports print it, e.g. `provider:vault-main`. */
    subject: z
      .string()
      .refine((text) => text === 'install' || SUBJECT_KINDS.some((kind) => text.startsWith(`${kind}:`)), {
        error: 'a subject: install, or a kind and key such as provider:vault-main or database:org_…/name',
      }),
    statement: z.enum(STATEMENTS),
    owner: z.string().regex(/\S/, { error: 'a text that says something' }),
    /** Day of the statement, UTC. */
    date: day,
    /** Last day it counts, UTC; at most 366 days after its date. */
    expires: z.iso.date().transform((text) => toInstant(Date.parse(`${text}T00:00:00Z`) + DAY - 1)),
    evidenceDigest: z.string().optional(),
  })
  .refine((one) => Date.parse(one.date) <= Date.now() + DAY, {
    path: ['date'],
    error: 'a statement is dated when it is made, not in the future',
  })
  .refine((one) => Date.parse(one.expires) - Date.parse(one.date) <= (LONGEST_DAYS + 1) * DAY, {
    path: ['expires'],
    error: `an attestation counts for at most ${LONGEST_DAYS} days`,
  });

/** What no tool can see, declared by a named person for a limited time. */
export const attestationsSchema = z.strictObject({
  attestations: z.array(attestationSchema).refine((list) => new Set(list.map((one) => one.id)).size === list.length, {
    error: 'ids of attestations must differ',
  }),
});
export type Attestation = z.infer<typeof attestationSchema>;
