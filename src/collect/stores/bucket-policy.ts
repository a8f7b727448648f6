import { z } from 'zod';

/** Whom a bucket's policy lets in, as far as its text tells. */
export interface PolicyReading {
  readonly lets: 'nobody' | 'everybody' | 'everybody-on-conditions';
  /** What everybody may do, e.g. `s3:GetObject`. */
  readonly detail: string;
}

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const principal = z.union([
  z.string().transform((text) => [text]),
  z.record(z.string(), oneOrMore).transform((record) => Object.values(record).flat()),
]);
const statement = z.object({
  Effect: z.string(),
  Principal: principal.optional(),
  NotPrincipal: z.unknown().optional(),
  Action: oneOrMore.optional(),
  NotAction: z.unknown().optional(),
  Resource: oneOrMore.optional(),
  Condition: z.record(z.string(), z.unknown()).optional(),
});
const policySchema = z.object({
  Statement: z.union([statement.transform((one) => [one]), z.array(statement)]),
});
type Statement = z.infer<typeof statement>;

/**
 * Whether a policy lets everybody in to what lies under a prefix. What it denies is passed over, so that it is called
 * public rather than private where both stand in it; a condition narrows whom it lets in, and is not weighed here.
 * Source: AWS Identity and Access Management User Guide, "IAM JSON policy element reference".
 *
 * @param prefix of the store's object keys; empty for the whole bucket
 * @returns null for a text that is no such policy
 */
export function readPolicy(text: string, bucket: string, prefix: string): PolicyReading | null {
  const policy = policySchema.safeParse(parseJson(text));
  if (!policy.success) return null;
  const open = policy.data.Statement.filter((one) => letsEverybody(one) && isAbout(one, bucket, prefix));
  const plain = open.filter(({ Condition }) => Condition === undefined || Object.keys(Condition).length === 0);
  if (plain.length > 0) return { lets: 'everybody', detail: actionsOf(plain) };
  if (open.length > 0) return { lets: 'everybody-on-conditions', detail: actionsOf(open) };
  return { lets: 'nobody', detail: '' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function letsEverybody({ Effect, Principal, NotPrincipal }: Statement): boolean {
  if (Effect !== 'Allow') return false;
  return NotPrincipal !== undefined || (Principal ?? []).includes('*');
}

/** Whether a resource of the statement may be the bucket, whose listing names the objects, or an object of the store. */
function isAbout({ Resource }: Statement, bucket: string, prefix: string): boolean {
  // Without one it is of a form that this does not know, and might be about anything.
  if (Resource === undefined) return true;
  return Resource.some((resource) => {
    const path = resource.replace(/^arn:[^:]*:s3:[^:]*:[^:]*:/, '');
    const literal = path.slice(0, /[*?$]/.exec(path)?.index ?? path.length);
    const isPattern = literal.length < path.length;
    if (!isPattern && path === bucket) return true;
    const own = `${bucket}/${prefix}`;
    return isPattern ? own.startsWith(literal) || literal.startsWith(own) : path.startsWith(own);
  });
}

function actionsOf(statements: readonly Statement[]): string {
  const actions = new Set(statements.flatMap(({ Action }) => Action ?? ['all but some actions']));
  const shown = [...actions].slice(0, 5).map((action) => action.slice(0, 60));
  return `${shown.join(', ')}${actions.size > shown.length ? ' and more' : ''}`;
}
