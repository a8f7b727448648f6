import { z } from 'zod';
import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';

export type KeyDestroyer = NonNullable<Facts['key-settings']['destroyers']>[number];

/**
 * What takes a key away: deleting and disabling it, and writing its policy, by which the other two can be taken.
 * None of the operations that a grant can allow is among these (AWS KMS API Reference, "CreateGrant", parameter
 * Operations).
 */
const DESTRUCTIVE = ['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy'] as const;
/** Imported material can be deleted at once, without any waiting period ("Deleting imported key material"). */
const OF_IMPORTED = 'DeleteImportedKeyMaterial';

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const principals = z.union([z.literal('*'), z.record(z.string(), oneOrMore)]);

const statementSchema = z
  .object({
    Effect: z.enum(['Allow', 'Deny']),
    Principal: principals.optional(),
    NotPrincipal: principals.optional(),
    Action: oneOrMore.optional(),
    NotAction: oneOrMore.optional(),
    Resource: oneOrMore.optional(),
    NotResource: oneOrMore.optional(),
    Condition: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ Principal, NotPrincipal }) => (Principal === undefined) !== (NotPrincipal === undefined))
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined));
type Statement = z.infer<typeof statementSchema>;

const policySchema = z.object({
  Statement: z.union([statementSchema.transform((one) => [one]), z.array(statementSchema)]),
});

/**
 * Everyone whom a key policy lets destroy its key, by principal. A principal whose destructive rights an unconditional
 * Deny takes for certain is left out; whatever is in doubt stays in. Statements about other keys do not count. What IAM policies of an account that is named as a
 * whole allow is not in a key policy.
 *
 * Source: AWS KMS Developer Guide, "Key policies in AWS KMS" and "Default key policy"; IAM User Guide, "AWS JSON policy
 * elements" (Principal, NotPrincipal, NotAction) and "Policy evaluation logic".
 *
 * @param text the JSON document as GetKeyPolicy gives it
 * @param imported whether the key's material was imported, so that it can be deleted alone
 * @param key ARN of the key
 * @throws SourceError malformed where the document is no key policy
 */
export function keyDestroyers(text: string, imported: boolean, key: string): readonly KeyDestroyer[] {
  const statements = parsePolicy(text, key).filter((one) => mayBeAbout(one, key));
  const allows = statements.filter(({ Effect }) => Effect === 'Allow');
  const denies = statements.filter((one) => isCertainDeny(one, key));
  const narrowing = statements.filter(isOfNearlyEverybody);
  const found = new Map<string, { actions: Set<string>; conditional: boolean }>();
  for (const action of imported ? [...DESTRUCTIVE, OF_IMPORTED] : DESTRUCTIVE) {
    for (const allow of allows.filter((one) => speaksOf(one, action))) {
      for (const principal of allowedBy(allow)) {
        if (denies.some((deny) => speaksOf(deny, action) && takesFrom(deny, principal))) continue;
        const known = found.get(principal) ?? { actions: new Set(), conditional: true };
        known.actions.add(action);
        const isNarrowed = principal === EVERYBODY && narrowing.some((deny) => speaksOf(deny, action));
        known.conditional &&= isConditional(allow) || isNarrowed;
        found.set(principal, known);
      }
    }
  }
  return [...found]
    .map(([principal, { actions, conditional }]) => ({
      principal,
      wholeAccount: accountOf(principal),
      actions: [...actions],
      conditional,
    }))
    .sort((a, b) => (a.principal < b.principal ? -1 : 1));
}

function parsePolicy(text: string, where: string): readonly Statement[] {
  try {
    return policySchema.parse(JSON.parse(text)).Statement;
  } catch {
    // Not quoted: a policy names people.
    throw new SourceError(
      'malformed',
      `the key policy of ${where} cannot be read as one`,
      'Look at it by hand: aws kms get-key-policy --key-id KEY.',
    );
  }
}

/** Anyone but those named is anyone at all, as far as an audit can say. */
function allowedBy({ Principal }: Statement): readonly string[] {
  return Principal === undefined ? [EVERYBODY] : namesIn(Principal);
}

const EVERYBODY = '*';

function namesIn(principal: z.infer<typeof principals>): readonly string[] {
  if (principal === EVERYBODY) return [EVERYBODY];
  return Object.entries(principal).flatMap(([kind, names]) =>
    names.map((name) => (kind === 'AWS' ? asAccountArn(name) : `${kind.toLowerCase()}:${name}`)),
  );
}

/** An account is named by its number or by the ARN of its root; both mean the same. */
function asAccountArn(name: string): string {
  return /^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name;
}

/** The account that a principal names as a whole; null where it is anybody else. */
function accountOf(principal: string): string | null {
  return /^arn:[a-z-]+:iam::(\d{12}):root$/.exec(principal)?.[1] ?? null;
}

function isConditional({ Condition }: Statement): boolean {
  return Condition !== undefined && Object.keys(Condition).length > 0;
}

/**
 * Whether a statement may be about the key. One that names no resource has no effect (AWS KMS API Reference, "PutKeyPolicy",
 * parameter Policy).
 */
function mayBeAbout({ Resource, NotResource }: Statement, key: string): boolean {
  if (Resource === undefined) return NotResource !== undefined;
  return Resource.some((pattern) => pattern.includes('${') || globMatches(pattern, key));
}

/** A Deny under a condition, or perhaps of other resources than the key, does not stand in the way of everyone it names. */
function isCertainDeny(statement: Statement, key: string): boolean {
  const isAboutKey = statement.Resource?.some((pattern) => !pattern.includes('${') && globMatches(pattern, key));
  return statement.Effect === 'Deny' && !isConditional(statement) && isAboutKey === true;
}

/** A Deny for everybody but some, or under a condition: who is let in as everybody may be few. */
function isOfNearlyEverybody({ Effect, Principal }: Statement): boolean {
  return Effect === 'Deny' && (Principal === undefined || namesIn(Principal).includes(EVERYBODY));
}

/**
 * Whether a Deny takes the right from a principal for certain. One that names an account says nothing certain of the
 * users whom that account's own policies let in, nor does one for everybody but some; a role's sessions have other names.
 */
function takesFrom({ Principal, NotPrincipal }: Statement, principal: string): boolean {
  if (Principal !== undefined) {
    const named = namesIn(Principal);
    return named.includes(EVERYBODY) || (isOnePerson(principal) && named.includes(principal));
  }
  const spared = NotPrincipal === undefined ? [EVERYBODY] : namesIn(NotPrincipal);
  return isOnePerson(principal) && !spared.includes(EVERYBODY) && !spared.some((name) => mayBe(name, principal));
}

/** A single user or role by ARN. */
function isOnePerson(principal: string): boolean {
  return /^arn:[a-z-]+:iam::\d{12}:(?:user|role)\//.test(principal);
}

/** Whether a name that is spared may be that of a user or role, or of a session of it. */
function mayBe(name: string, principal: string): boolean {
  if (!name.startsWith('arn:')) return true;
  const role = /^arn:[a-z-]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(principal);
  return name === principal || (role !== null && name.includes(`::${role[1]}:assumed-role/${role[2]}/`));
}

function speaksOf({ Action, NotAction }: Statement, action: string): boolean {
  const name = `kms:${action}`.toLowerCase();
  if (Action !== undefined) return Action.some((pattern) => globMatches(pattern.toLowerCase(), name));
  return NotAction !== undefined && !NotAction.some((pattern) => globMatches(pattern.toLowerCase(), name));
}

/** Whether a pattern with `*` and `?` matches the whole text. In time proportional to the product of their lengths. */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let starAt = 0;
  while (position < text.length) {
    if (pattern[at] === '*') {
      star = at;
      starAt = position;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      starAt += 1;
      position = starAt;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
