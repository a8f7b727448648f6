/** One mistake in a file an operator wrote: where, what, and what to write instead. */
export interface Mistake {
  readonly path: string;
  readonly problem: string;
  readonly hint: string;
}

/** Usage or configuration error: exit code 3. Holds every mistake found, not only the first. */
export class ConfigurationError extends Error {
  readonly file: string;
  readonly mistakes: readonly Mistake[];

  constructor(file: string, mistakes: readonly Mistake[]) {
    super(
      [
        `${file}: ${mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`}`,
        ...mistakes.map((mistake) => `  ${mistake.path || '(top level)'}: ${mistake.problem}. ${mistake.hint}`),
      ].join('\n'),
    );
    this.name = 'ConfigurationError';
    this.file = file;
    this.mistakes = mistakes;
  }
}
