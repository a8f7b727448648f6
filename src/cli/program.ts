import { Command } from 'commander';
import { TOOL_VERSION } from '../pipeline/version.ts';
import type { RegisterCommand } from './command.ts';
import type { CommandIo } from './io.ts';

/**
 * Every command. Adding one is its file and a line here. Loaded when it is wanted: what lists buckets and what draws pages
 * takes more memory than judging does.
 */
const COMMANDS: Readonly<Record<string, () => Promise<RegisterCommand>>> = {
  scan: async () => (await import('./commands/scan.ts')).registerScan,
  plan: async () => (await import('./commands/plan.ts')).registerPlan,
  collect: async () => (await import('./commands/collect.ts')).registerCollect,
  judge: async () => (await import('./commands/judge.ts')).registerJudge,
  render: async () => (await import('./commands/judge.ts')).registerRender,
  gate: async () => (await import('./commands/gate.ts')).registerGate,
  doctor: async () => (await import('./commands/doctor.ts')).registerDoctor,
  permissions: async () => (await import('./commands/permissions.ts')).registerPermissions,
  controls: async () => (await import('./commands/controls.ts')).registerControls,
  init: async () => (await import('./commands/init.ts')).registerInit,
  demo: async () => (await import('./commands/demo.ts')).registerDemo,
};

/**
 * The command line.
 *
 * @param done told the exit code of the command that ran
 * @param wanted name of the only command that is needed; without it, or where there is no such command, it has all
 */
export async function createProgram(
  io: CommandIo,
  done: (exitCode: number) => void,
  wanted?: string,
): Promise<Command> {
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
  const only = wanted === undefined || !Object.hasOwn(COMMANDS, wanted) ? undefined : COMMANDS[wanted];
  for (const load of only === undefined ? Object.values(COMMANDS) : [only]) (await load())(program, io, done);
  return program;
}
