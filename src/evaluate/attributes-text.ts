import type { Facts } from '../model/facts.ts';
import { namesText } from './names-text.ts';

/** `origin` of a key that its token generated. */
const MADE_INSIDE = 'made in the token';

/**
 * What the attributes of a key in an HSM say of its secrecy, as a clause that begins with a semicolon; empty where they say
 * nothing. They decide nothing about recovery: a key that can be taken out of its token is still there.
 */
export function attributesText({ attributes, origin }: Facts['key-state']): string {
  if (attributes === undefined) return '';
  const { sensitive, extractable, neverExtractable, modifiable } = attributes;
  const said = [
    ...(sensitive === null ? [] : [sensitive ? 'is sensitive' : notSensitiveText(extractable)]),
    ...extractableText(extractable, neverExtractable, origin),
    ...(modifiable === null
      ? []
      : [modifiable ? 'may have its attributes changed' : 'keeps its attributes as they are']),
  ];
  return said.length === 0 ? '' : `; by its attributes it ${namesText(said)}`;
}

/** What is not extractable, no token reveals. */
function notSensitiveText(extractable: boolean | null): string {
  return extractable === false ? 'is not sensitive' : 'is not sensitive, so that it can be read in clear';
}

/**
 * A token knows only of itself: of what was brought in from outside it never says that it never was extractable (PKCS#11
 * v3.1, 4.9 "Private key objects", CKA_NEVER_EXTRACTABLE).
 */
function extractableText(extractable: boolean | null, never: boolean | null, origin: string | null): readonly string[] {
  if (extractable === true) return ['is extractable, so that whoever may use it can take it out of the token wrapped'];
  if (never === true) return ['was never extractable'];
  if (extractable === null) return [];
  if (never === null) return ['is not extractable'];
  return [
    origin === MADE_INSIDE
      ? 'is not extractable, and was before'
      : 'is not extractable now, and was outside the token before or extractable there',
  ];
}

/** Whether whoever logs in can read the key in clear: it takes both attributes (PKCS#11 v3.1, 4.10 "Secret key objects"). */
export function isReadable({ attributes }: Facts['key-state']): boolean {
  return attributes?.sensitive === false && attributes.extractable === true;
}
