import type { Command } from 'commander';
import type { CommandIo } from './io.ts';

/** One subcommand: it declares itself on the program and gives its exit code to `done`. */
export type RegisterCommand = (program: Command, io: CommandIo, done: (exitCode: number) => void) => void;
