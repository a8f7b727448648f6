import { parseAzureKeyReference } from '../../model/azure-key-reference.ts';

/** How keys are named after the organizations they are of, as the keyrings of an install show it. */
export interface KeyNaming {
  /** The organization that a name tells, in lower case; null where it is not named so. */
  organizationIn(name: string): string | null;
}

/** Schemes that are remembered; where keys bear more of them, they bear none. */
const MOST_SCHEMES = 1000;
/** Forms that ids of one install may have. */
const MOST_FORMS = 3;
/** A scheme is one where so many keyrings follow it. */
const LEAST_FOLLOWERS = 2;

/** Learns the naming of keys, one keyring at a time. */
export interface NamingSurvey {
  /** @param organizationId in lower case @param name of its key, see {@link keyNameIn} */
  add(organizationId: string, name: string): void;
  /** Null where ids could be any text, or keys are not named after organizations. @param ids all, in lower case */
  naming(ids: Iterable<string>): KeyNaming | null;
}

export function createNamingSurvey(): NamingSurvey {
  const followers = new Map<string, number>();
  let tooMany = false;
  return {
    add(organizationId, written) {
      const name = written.toLowerCase();
      const at = name.indexOf(organizationId);
      if (at === -1 || organizationId === '') return;
      const scheme = JSON.stringify([name.slice(0, at), name.slice(at + organizationId.length)]);
      const known = followers.get(scheme) ?? 0;
      if (known === 0 && followers.size >= MOST_SCHEMES) tooMany = true;
      else followers.set(scheme, known + 1);
    },
    naming(ids) {
      const form = formOf(ids);
      const schemes = [...followers].filter(([, count]) => count >= LEAST_FOLLOWERS).map(([scheme]) => scheme);
      if (form === null || tooMany || schemes.length === 0) return null;
      const around = schemes.map((scheme) => JSON.parse(scheme) as [string, string]);
      return {
        organizationIn(written) {
          const name = written.toLowerCase();
          for (const [before, after] of around) {
            const id = name.slice(before.length, name.length - after.length);
            if (name === `${before}${id}${after}` && form.test(id)) return id;
          }
          return null;
        },
      };
    },
  };
}

/** The name that a provider lists a key by, from the reference of a keyring. */
export function keyNameIn(providerKind: string | null, keyRef: string): string {
  if (providerKind === 'azure-key-vault') return parseAzureKeyReference(keyRef)?.name ?? keyRef;
  if (providerKind === 'pkcs11') return tokenKeyName(keyRef);
  return providerKind === 'aws-kms' ? keyRef.replace(/^arn:[^/]*:(?=alias\/)/, '') : keyRef;
}

/** A token lists keys by label, and by id in lower case without anything between the digits. */
function tokenKeyName(keyRef: string): string {
  if (!/^id:/i.test(keyRef)) return keyRef.replace(/^label:/i, '');
  return `id:${keyRef
    .slice(3)
    .replace(/^0x|[\s:]/gi, '')
    .toLowerCase()}`;
}

/**
 * What ids look like: what all begin with, up to the last dash or underscore, then letters and digits in the same places.
 * Null where they are not opaque, as short ones and those without a digit: any word of a name could be such an id.
 */
function formOf(ids: Iterable<string>): RegExp | null {
  let prefix: string | null = null;
  const lengths = new Set<string>();
  let count = 0;
  for (const id of ids) {
    if (!/^[0-9a-z_-]{8,64}$/.test(id) || !/\d/.test(id)) return null;
    prefix = prefix === null ? id : commonStart(prefix, id);
    lengths.add(id.replace(/[0-9a-z]/g, 'x'));
    count += 1;
    if (lengths.size > MOST_FORMS) return null;
  }
  if (count < LEAST_FOLLOWERS || prefix === null) return null;
  const start = /^.*[_-]/.exec(prefix)?.[0] ?? '';
  const rests = [...lengths].map((form) => form.slice(start.length).replaceAll('x', '[0-9a-z]'));
  return new RegExp(`^${start}(?=[a-z_-]*\\d)(?:${rests.join('|')})$`);
}

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}
