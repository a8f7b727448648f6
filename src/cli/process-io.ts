import { createInterface } from 'node:readline/promises';
import { removeUnfinished } from '../pipeline/unfinished.ts';
import { defectText } from './defect-text.ts';
import { type CommandIo, EXIT } from './io.ts';

/** How long an orderly end after Ctrl-C may take before the process ends at once, in milliseconds. */
const LONGEST_FAREWELL = 1500;

/** The process as commands see it, and how it ends. */
export interface ProcessIo {
  readonly io: CommandIo;
  /**
   * The exit code of the process once a command ended with this one: that of a defect where its output could not be
   * written, since whoever reads the code believes that the output was.
   */
  exitCodeAfter(exitCode: number): Promise<number>;
}

/**
 * The real process. Ctrl-C and SIGTERM abort the signal; a second one, or a slow end, ends the process at once. Whatever
 * nobody caught ends it too, with the code of a defect.
 */
export function processIo(defect: number): ProcessIo {
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) endAtOnce(EXIT.interrupted);
    abort.abort(new Error('interrupted'));
    setTimeout(() => endAtOnce(EXIT.interrupted), LONGEST_FAREWELL).unref();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('uncaughtException', (error: unknown) => {
    process.stderr.write(defectText(error));
    endAtOnce(defect);
  });
  const failures: NodeJS.ErrnoException[] = [];
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough, such as head, is no defect.
    if (error.code !== 'EPIPE') failures.push(error);
  });
  process.stderr.on('error', () => {
    // Progress that nobody can read changes no verdict, and there is nowhere else to say so.
  });
  const io: CommandIo = {
    stdout: { write: (text) => void process.stdout.write(text) },
    stderr: { isTerminal: process.stderr.isTTY === true, write: (text) => void process.stderr.write(text) },
    environment: process.env,
    workingDirectory: process.cwd(),
    signal: abort.signal,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    async ask(question) {
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await terminal.question(question, { signal: abort.signal });
      } finally {
        terminal.close();
      }
    },
  };
  return {
    io,
    async exitCodeAfter(exitCode) {
      await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
      const [failure] = failures;
      if (failure !== undefined && exitCode !== EXIT.interrupted) {
        const reason = failure.code ?? failure.message;
        io.stderr.write(`Standard output could not be written (${reason}). Free space, or send it elsewhere.\n`);
        return defect;
      }
      return exitCode === EXIT.defect ? defect : exitCode;
    },
  };
}

/** Ends without waiting for anything, and leaves nothing half-written. */
function endAtOnce(exitCode: number): never {
  try {
    removeUnfinished();
  } finally {
    process.exit(exitCode);
  }
}
