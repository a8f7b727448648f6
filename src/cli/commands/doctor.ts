import { counted } from '../../model/text.ts';
import type { RegisterCommand } from '../command.ts';
import type { Check } from '../doctor/check.ts';
import { runDoctor } from '../doctor/run-doctor.ts';
import { EXIT, type ExitCode } from '../io.ts';
import { configOption } from '../options.ts';
import { oneLine } from '../terminal-text.ts';

interface DoctorOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** `recoverage doctor`: whether a scan would be able to see everything, and what to change where not. */
export const registerDoctor: RegisterCommand = (program, io, done) => {
  program
    .command('doctor')
    .description('check everything that a scan needs, without reading any data: settings, rights, sources, output')
    .addOption(configOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Nothing is written. Exit code 0: all is well, or warnings only; 3: a mistake in the configuration or the mapping;
2: a source could not be checked.

Examples:
  $ recoverage doctor --config /etc/recoverage/recoverage.yaml
  $ recoverage doctor --json | jq '.checks[] | select(.status != "ok")'`,
    )
    .action(async (options: DoctorOptions) => {
      const checks: Check[] = [];
      const { environment, workingDirectory, signal } = io;
      for await (const check of runDoctor({ configFile: options.config, environment, workingDirectory, signal })) {
        checks.push(check);
        if (options.json !== true) io.stdout.write(checkText(check));
      }
      const exitCode = exitCodeOf(checks);
      const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
      const counts = { ok: count('ok'), warning: count('warning'), problem: count('problem') };
      io.stdout.write(
        options.json === true
          ? `${JSON.stringify({ checks, counts, exitCode }, null, 2)}\n`
          : `\n${counts.ok} ok, ${counted(counts.warning, 'warning')}, ${counted(counts.problem, 'problem')}\n`,
      );
      done(exitCode);
    });
};

function checkText({ status, area, what, change }: Check): string {
  const text = change === null ? what : `${what}. ${change}`;
  return `${status.padEnd(7)}  ${area.padEnd(16)}  ${oneLine(text)}\n`;
}

/** Mistakes come first: whoever mends them must run doctor again anyway. */
function exitCodeOf(checks: readonly Check[]): ExitCode {
  if (checks.some(({ blames }) => blames === 'configuration')) return EXIT.usage;
  return checks.some(({ blames }) => blames === 'source') ? EXIT.notJudged : EXIT.clear;
}
