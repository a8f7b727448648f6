/** A word of a POSIX shell in apostrophes (POSIX.1-2017, Shell Command Language, 2.2.2). */
export function quotedWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same, without apostrophes where no character has a meaning to a shell. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,][\w./:@%+,-]*$/.test(text) ? text : quotedWord(text);
}
