import { z } from 'zod';

/** What can be judged. What several organizations share is one subject that others refer to. */
export const SUBJECT_KINDS = [
  'install',
  'organization',
  'database',
  'cluster',
  'keyring',
  'provider',
  'location',
  'store',
  'host',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/**
 * Something judged. `key` is stable from run to run and unique within its kind: install = install id; organization =
 * id in lower case; database = organization id (or `install`), `/`, database name; cluster = system identifier, else
 * `host:port`; keyring, provider, store = the dataset's id; location, host = the configured name.
 */
export const subjectSchema = z.strictObject({
  kind: z.enum(SUBJECT_KINDS),
  key: z.string(),
  /** Lower-case id of the organization it belongs to; null for what is the install's or shared. */
  organizationId: z.string().nullable(),
  /** For people. Comes from the outside: never trusted to be harmless. */
  name: z.string(),
});
export type Subject = Readonly<z.infer<typeof subjectSchema>>;

/**
 * A subject and the shared subjects its recovery leans on. A collector that could not learn a link leaves it out;
 * whatever needs it is then judged as never asked.
 */
export const subjectNodeSchema = z.strictObject({
  subject: subjectSchema,
  /** Of a database: the cluster it runs on. */
  cluster: z.string().optional(),
  /** Of a keyring: the provider that holds its wrapping key. */
  provider: z.string().optional(),
});
export type SubjectNode = Readonly<z.infer<typeof subjectNodeSchema>>;

/** The subject's identity as one string, usable as a map key. */
export function subjectId(subject: Pick<Subject, 'kind' | 'key'>): string {
  return `${subject.kind}:${subject.key}`;
}
