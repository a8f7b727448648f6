/** Words that stay strings without quotes in YAML 1.1 and 1.2. */
const PLAIN = /^(?!(?:true|false|yes|no|on|off|y|n|null|nan|inf)$)[A-Za-z/][A-Za-z0-9_/-]*$/i;
/** What YAML wants escaped in a double-quoted scalar besides what JSON escapes (YAML 1.2.2, section 5.1). */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A string as a YAML scalar on one line. */
export function scalar(text: string): string {
  if (PLAIN.test(text)) return text;
  return JSON.stringify(text.toWellFormed()).replaceAll(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
