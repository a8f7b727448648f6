import type { Secret } from '../../../model/secret.ts';
import type { SourceError } from '../../../model/source-error.ts';
import { askProgram, digestOfAnswer, type ProgramEnd, type ProgramRun, type VendorQuestion } from './vendor-program.ts';

/** How a repository is opened by its program. */
export interface RepositoryAccess {
  /** Path of the repository on this machine. */
  readonly root: string;
  /** Null where nobody gave one. */
  readonly secret: Secret | null;
  /** Path of the program; null to look in the usual directories. */
  readonly program: string | null;
  readonly signal: AbortSignal;
}

/** Asks a program, and takes what it says of itself for an answer or an error. */
export interface AskedProgram {
  /** @throws SourceError where it does not answer */
  readonly ask: (question: VendorQuestion, onLine: (line: string) => void) => Promise<void>;
  /** SHA-256 of the answer, in hexadecimal. @throws SourceError likewise */
  readonly digest: (question: VendorQuestion) => Promise<string>;
}

/** @param problemOf what the program means by ending with another code than 0 */
export function askedProgram(
  run: Omit<ProgramRun, 'question'>,
  problemOf: (question: VendorQuestion, end: ProgramEnd) => SourceError,
): AskedProgram {
  return {
    async ask(question, onLine) {
      const end = await askProgram({ ...run, question }, onLine);
      if (end.exitCode !== 0) throw problemOf(question, end);
    },
    async digest(question) {
      const { end, sha256 } = await digestOfAnswer({ ...run, question });
      if (end.exitCode !== 0) throw problemOf(question, end);
      return sha256;
    },
  };
}
