import type { Secret } from '../../../model/secret.ts';
import type { SourceError } from '../../../model/source-error.ts';
import {
  askForBytes,
  askProgram,
  askUntil,
  digestOfAnswer,
  type ProgramEnd,
  type ProgramRun,
} from './vendor-program.ts';
import type { VendorQuestion } from './vendor-questions.ts';

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
  /**
   * Asks until a line shows that the rest of the answer is not wanted, and gives what the program complained of so far.
   *
   * @throws SourceError where it ends before that, without success
   */
  readonly until: (question: VendorQuestion, isEnough: (line: string) => boolean) => Promise<string>;
  /** SHA-256 of the answer, in hexadecimal. @throws SourceError likewise */
  readonly digest: (question: VendorQuestion) => Promise<string>;
  /** The answer in bytes. @throws SourceError likewise, and what `consume` throws */
  readonly bytes: (
    question: VendorQuestion,
    consume: (output: AsyncIterable<Uint8Array>) => Promise<void>,
  ) => Promise<void>;
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
    async until(question, isEnough) {
      const end = await askUntil({ ...run, question }, isEnough);
      if (!end.isCut && end.exitCode !== 0) throw problemOf(question, end);
      return end.complaint;
    },
    async digest(question) {
      const { end, sha256 } = await digestOfAnswer({ ...run, question });
      if (end.exitCode !== 0) throw problemOf(question, end);
      return sha256;
    },
    async bytes(question, consume) {
      const end = await askForBytes({ ...run, question }, consume);
      if (end.exitCode !== 0) throw problemOf(question, end);
    },
  };
}
