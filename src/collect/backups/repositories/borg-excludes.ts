/** Options of `borg create` whose value is a pattern of what is left out. */
const PATTERN = new Set(['-e', '--exclude']);
/** Those that name where such patterns are, or by what else files are left out. */
const OTHER_VALUE = new Set(['--exclude-from', '--patterns-from', '--exclude-if-present']);
const OTHER = new Set(['--exclude-caches', '--exclude-nodump']);

/**
 * What `borg create` was told to leave out, by its command line, of which nothing else is kept. Patterns as they were
 * given, those that begin with the name of a directory with the slash that Borg takes away (Borg 1.2 manual, "borg help
 * patterns"); other options as they stand.
 */
export function borgExcludes(commandLine: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const [index, word] of commandLine.entries()) {
    // What follows is a path.
    if (word === '--') break;
    const [, name = word, attached] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? /^(-e)(.+)$/s.exec(word) ?? [];
    const value = attached ?? commandLine[index + 1];
    if (OTHER.has(name)) found.push(name);
    else if (value !== undefined && PATTERN.has(name)) found.push(fromRoot(value));
    else if (value !== undefined && name === '--pattern') found.push(...excluding(value));
    else if (value !== undefined && OTHER_VALUE.has(name)) found.push(`${name} ${value}`);
  }
  return found;
}

/** `- PATTERN` and `! PATTERN` leave out; what else `--pattern` takes does not. */
function excluding(value: string): readonly string[] {
  const [, pattern] = /^\s*[-!]\s*(.+)$/s.exec(value) ?? [];
  return pattern === undefined ? [] : [fromRoot(pattern)];
}

function fromRoot(pattern: string): string {
  const [, style = '', path = ''] = /^((?:fm|sh|pp|pf):)?(.*)$/s.exec(pattern) ?? [];
  return pattern.startsWith('re:') || /^[*?[/]/.test(path) ? pattern : `${style}/${path}`;
}
