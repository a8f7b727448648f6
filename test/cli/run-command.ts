import { Command } from 'commander';
import type { RegisterCommand } from '../../src/cli/command.ts';
import type { CommandIo } from '../../src/cli/io.ts';

export interface CommandResult {
  /** Null where the command gave none, as for --help. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly workingDirectory?: string;
  /** Answers in the order of the questions; the process is interactive where they are given. */
  readonly answers?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Runs one command in this process, with its output caught. What it throws is thrown on. */
export async function runCommand(
  register: RegisterCommand,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  let exitCode: number | null = null;
  const answers = [...(options.answers ?? [])];
  const io: CommandIo = {
    stdout: { write: (text: string) => void stdout.push(text) },
    stderr: { isTerminal: false, write: (text: string) => void stderr.push(text) },
    environment: options.environment ?? {},
    workingDirectory: options.workingDirectory ?? process.cwd(),
    signal: options.signal ?? new AbortController().signal,
    isInteractive: options.answers !== undefined,
    ask: (question) => {
      stderr.push(`${question}\n`);
      return Promise.resolve(answers.shift() ?? '');
    },
  };
  const program = new Command('recoverage').exitOverride().configureOutput({
    writeOut: (text: string) => void stdout.push(text),
    writeErr: (text: string) => void stderr.push(text),
  });
  register(program, io, (code) => {
    exitCode = code;
  });
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'commander.helpDisplayed')) throw error;
  }
  return { exitCode, stdout: stdout.join(''), stderr: stderr.join('') };
}
