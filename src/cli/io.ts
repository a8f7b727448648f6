/** What a command may touch of the process. Commands read and write nothing else, so tests can run them in place. */
export interface CommandIo {
  readonly stdout: { write(text: string): void };
  /** Progress and logs; `isTerminal` chooses between one live line and plain lines. */
  readonly stderr: { readonly isTerminal: boolean; write(text: string): void };
  readonly environment: NodeJS.ProcessEnv;
  /** Directory that relative paths are seen from. */
  readonly workingDirectory: string;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly isInteractive: boolean;
  /** A line from the person at the terminal. */
  ask(question: string): Promise<string>;
}

/** Exit codes, as documented in docs/exit-codes.md. */
export const EXIT = { clear: 0, gap: 1, notJudged: 2, usage: 3, defect: 4, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Wrong arguments: exit code 3, with the message and no trace. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
