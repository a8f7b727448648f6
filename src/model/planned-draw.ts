import { z } from 'zod';

/*
 * Rows of one tenant database that were drawn when a plan was written, to be looked for where only another host can: a
 * plan carries them there, and a host bundle back.
 */

const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** Of which store and database, and how they were drawn. */
export const plannedDrawShape = {
  /** Directory of the store. */
  store: z.string().startsWith('/'),
  /** Key of the subject: id of the organization and name of the database. */
  database: z.string(),
  drawnAt: instant,
  /** How many were wanted. */
  rows: z.number().int().nonnegative(),
  seed: z.number(),
  /** Rows created after this were not drawn. */
  before: instant,
  method: z.string(),
  /** How many there were to draw from; by the server's statistics where `estimate` is not null. */
  population: z.number().int().nonnegative(),
  estimate: z.number().nullable(),
  /** How many of the rows that were drawn could not be read. */
  unreadable: z.number().int().nonnegative(),
};

/** One row as the database listed it. */
export const plannedFileShape = {
  objectKey: z.string(),
  bytes: z.number().nullable(),
  sha256: z.string().nullable(),
  createdAt: z.string(),
};

export const plannedDrawSchema = z.strictObject({
  ...plannedDrawShape,
  files: z.array(z.strictObject(plannedFileShape)).readonly(),
});
export type PlannedDraw = Readonly<z.infer<typeof plannedDrawSchema>>;

/** Files of one store to look for in copies that only another host can open, and the paths under which copies keep them. */
export const plannedCopyDrawSchema = z.strictObject({
  /** Directory of the store on its host, or `/bucket/prefix/`. */
  root: z.string().startsWith('/'),
  files: z
    .array(
      z.strictObject({
        objectKey: z.string(),
        bytes: z.number().nullable(),
        sha256: z.string().nullable(),
        paths: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
});
export type PlannedCopyDraw = Readonly<z.infer<typeof plannedCopyDrawSchema>>;
