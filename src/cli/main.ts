import { CommanderError } from 'commander';
import { ConfigurationError } from '../config/configuration-error.ts';
import { SourceError } from '../model/source-error.ts';
import { BundleError } from '../pipeline/bundle-file.ts';
import { UnknownOrganizationError } from '../pipeline/judging/judge-bundle.ts';
import { OutputError } from '../report/output-error.ts';
import { defectText } from './defect-text.ts';
import { type CommandIo, EXIT, UsageError } from './io.ts';
import { createProgram } from './program.ts';

/** Runs the command line. @returns the exit code; everything a person must know went to stderr */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  let exitCode: number = EXIT.clear;
  const done = (code: number): void => {
    exitCode = code;
  };
  try {
    const program = await createProgram(io, done, args[0]);
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, io);
  }
}

/** Says what went wrong and what to change. The one place that turns an error into an exit code. */
function explain(error: unknown, io: CommandIo): number {
  const say = (text: string) => io.stderr.write(`${text}\n`);
  if (io.signal.aborted) {
    say('interrupted; nothing was written');
    return EXIT.interrupted;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clear : EXIT.usage;
  if (error instanceof ConfigurationError || error instanceof UsageError || error instanceof UnknownOrganizationError) {
    say(error.message);
    return EXIT.usage;
  }
  if (error instanceof BundleError) {
    say(`${error.message}. ${error.hint}`);
    return EXIT.usage;
  }
  if (error instanceof OutputError) {
    say(`${error.message}. ${error.hint}`);
    return EXIT.defect;
  }
  if (error instanceof SourceError) {
    say(`${error.message}. ${error.remedy}`);
    return EXIT.notJudged;
  }
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EACCES' || code === 'EROFS' || code === 'EDQUOT') {
    say(`a file could not be written (${code}). Free space, or name another directory.`);
    return EXIT.defect;
  }
  io.stderr.write(defectText(error));
  return EXIT.defect;
}
