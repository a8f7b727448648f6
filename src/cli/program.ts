import { Command } from 'commander';
import { TOOL_VERSION } from '../pipeline/version.ts';
import type { RegisterCommand } from './command.ts';
import { registerCollect } from './commands/collect.ts';
import { registerControls } from './commands/controls.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerGate } from './commands/gate.ts';
import { registerInit } from './commands/init.ts';
import { registerJudge, registerRender } from './commands/judge.ts';
import { registerPermissions } from './commands/permissions.ts';
import { registerScan } from './commands/scan.ts';
import type { CommandIo } from './io.ts';

/** Every command. Adding one is its file and a line here. */
const COMMANDS: readonly RegisterCommand[] = [
  registerScan,
  registerCollect,
  registerJudge,
  registerRender,
  registerGate,
  registerDoctor,
  registerPermissions,
  registerControls,
  registerInit,
  registerDemo,
];

/** The whole command line. @param done told the exit code of the command that ran */
export function createProgram(io: CommandIo, done: (exitCode: number) => void): Command {
  const program = new Command('recoverage')
    .description('If the install host were gone now, would each organization come back, and to which moment?')
    .version(TOOL_VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(add --help for usage and examples)')
    .addHelpText(
      'after',
      `
Exit codes: 0 clear, 1 a gap, 2 something could not be judged, 3 usage or configuration, 4 own defect, 130 interrupted.

Start here:
  recoverage demo                  see it on an install of its own
  recoverage init                  write a configuration by asking your install database
  recoverage doctor                check the configuration and every source
  recoverage scan                  audit`,
    );
  for (const register of COMMANDS) register(program, io, done);
  return program;
}
