import type { Selection } from './backup-answers.ts';

/** What a plan may select. */
export interface Selectable {
  readonly arn: string;
  /** Null where they were not asked for. */
  readonly tags: readonly { readonly key: string; readonly value: string }[] | null;
}

/**
 * Whether a selection of a plan names a resource: by ARN or pattern, by any of its tags, unless it is left out; all
 * conditions must hold. `unknown` where that cannot be told: tags that were not read, or ARNs and tags side by side
 * that differ. Source: AWS Backup API Reference, data types BackupSelection and Conditions.
 */
export function isSelected(selection: Selection, { arn, tags }: Selectable): 'yes' | 'no' | 'unknown' {
  const { Resources, NotResources, ListOfTags, Conditions } = selection;
  if ((NotResources ?? []).some((pattern) => isLike(arn, pattern))) return 'no';
  const named = (Resources ?? []).some((pattern) => isLike(arn, pattern));
  const hasNames = (Resources ?? []).length > 0;
  const hasTags = (ListOfTags ?? []).length > 0;
  if (!hasNames && !hasTags) return 'no';
  if (!hasTags && !named) return 'no';
  const conditions = Conditions === null ? [] : Object.values(Conditions).flatMap((list) => list ?? []);
  if (tags === null && (hasTags || conditions.length > 0)) return 'unknown';
  if (!allHold(Conditions, tags ?? [])) return 'no';
  if (!hasTags) return 'yes';
  const tagged = (ListOfTags ?? []).some(({ ConditionKey, ConditionValue }) =>
    (tags ?? []).some(({ key, value }) => key === tagName(ConditionKey) && value === ConditionValue),
  );
  if (!hasNames || named === tagged) return tagged ? 'yes' : 'no';
  return 'unknown';
}

type Pairs = readonly { readonly ConditionKey: string | null; readonly ConditionValue: string | null }[] | null;

function allHold(conditions: Selection['Conditions'], tags: NonNullable<Selectable['tags']>): boolean {
  if (conditions === null) return true;
  const every = (pairs: Pairs, holds: (value: string | null, wanted: string) => boolean) =>
    (pairs ?? []).every(({ ConditionKey, ConditionValue }) => {
      const value = tags.find(({ key }) => key === tagName(ConditionKey))?.value ?? null;
      return holds(value, ConditionValue ?? '');
    });
  return (
    every(conditions.StringEquals, (value, wanted) => value === wanted) &&
    every(conditions.StringNotEquals, (value, wanted) => value !== wanted) &&
    every(conditions.StringLike, (value, wanted) => value !== null && isLike(value, wanted)) &&
    every(conditions.StringNotLike, (value, wanted) => value === null || !isLike(value, wanted))
  );
}

function tagName(key: string | null): string {
  return (key ?? '').replace(/^aws:ResourceTag\//, '');
}

/** `*` stands for any run of characters, everything else for itself. */
function isLike(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= end;
}
