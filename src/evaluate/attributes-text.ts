import type { Facts } from '../model/facts.ts';
import { namesText } from './names-text.ts';

/**
 * What the attributes of a key in an HSM say of its secrecy, as a clause that begins with a semicolon; empty where they say
 * nothing. They decide nothing about recovery: a key that can be taken out of its token is still there.
 */
export function attributesText(attributes: Facts['key-state']['attributes']): string {
  if (attributes === undefined) return '';
  const { sensitive, extractable, neverExtractable, modifiable } = attributes;
  const said = [
    ...(sensitive === null ? [] : [sensitive ? 'is sensitive' : 'is not sensitive, so that it can be read in clear']),
    ...extractableText(extractable, neverExtractable),
    ...(modifiable === null
      ? []
      : [modifiable ? 'may have its attributes changed' : 'keeps its attributes as they are']),
  ];
  return said.length === 0 ? '' : `; by its attributes it ${namesText(said)}`;
}

function extractableText(extractable: boolean | null, never: boolean | null): readonly string[] {
  if (extractable === true) return ['is extractable, so that whoever may use it can take it out of the token wrapped'];
  if (never === true) return ['was never extractable'];
  if (extractable === null) return [];
  return [never === false ? 'is not extractable, and was before' : 'is not extractable'];
}
