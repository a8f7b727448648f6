import { systemClock } from '../../collect/ask.ts';
import { loadConfig } from '../../config/load.ts';
import { loadProfile, type Profile } from '../../config/profile.ts';
import { auditInstall } from '../../pipeline/audit.ts';
import { judgeSaved } from '../../pipeline/judge-saved.ts';
import type { JudgedBundle } from '../../pipeline/judging/judge-bundle.ts';
import { createGate, type GateAnswer } from '../../report/gate.ts';
import type { RegisterCommand } from '../command.ts';
import type { CommandIo } from '../io.ts';
import { asOfOption, configOption, jsonOption, pathFrom } from '../options.ts';
import { progressLine } from '../progress.ts';
import { oneLine } from '../summary.ts';
import { policyOf } from './judge.ts';

interface GateFlags {
  readonly profile: string;
  readonly config: string;
  readonly bundle?: string;
  readonly asOf?: string;
  readonly json?: boolean;
}

/** `recoverage gate`: open or closed, by the wall clock, with what to do to pass. */
export const registerGate: RegisterCommand = (program, io, done) => {
  program
    .command('gate')
    .description('answer open or closed for an upgrade or a pipeline, and say what to do to pass')
    .option('-p, --profile <name>', 'default, pre-upgrade, or a file', 'default')
    .addOption(configOption())
    .option('-b, --bundle <file>', 'answer from a saved bundle instead of a fresh scan')
    .addOption(asOfOption())
    .addOption(jsonOption('the answer'))
    .addHelpText(
      'after',
      `
Exit codes: 0 open, 1 closed by a gap, 2 closed by something that could not be judged or was left out.
A saved bundle is judged by the wall clock, so old evidence closes the gate.

Examples:
  recoverage gate
  recoverage gate --profile pre-upgrade
  recoverage gate --profile pre-upgrade --bundle evidence.ndjson --json`,
    )
    .action(async (flags: GateFlags) => {
      const profile = await loadProfile(/[./\\]/.test(flags.profile) ? pathFrom(io, flags.profile) : flags.profile);
      const answer = await (flags.bundle === undefined
        ? freshAnswer(io, flags, profile)
        : savedAnswer(io, pathFrom(io, flags.bundle), flags, profile));
      if (flags.json === true) io.stdout.write(`${JSON.stringify(answer)}\n`);
      else for (const line of answerLines(answer)) io.stdout.write(`${line}\n`);
      done(answer.exitCode);
    });
};

async function freshAnswer(io: CommandIo, flags: GateFlags, profile: Profile): Promise<GateAnswer> {
  const loaded = await loadConfig(pathFrom(io, flags.config), io.environment);
  const progress = progressLine(io);
  return auditInstall(
    loaded,
    { signal: io.signal, progress: progress.update, ...(flags.asOf === undefined ? {} : { asOf: flags.asOf }) },
    (judged) => answerOf(judged, profile),
  ).finally(() => progress.end());
}

async function savedAnswer(io: CommandIo, file: string, flags: GateFlags, profile: Profile): Promise<GateAnswer> {
  const policy = await policyOf(io, file, {});
  return judgeSaved(file, { policy, signal: io.signal, asOf: flags.asOf ?? systemClock() }, (judged) =>
    answerOf(judged, profile),
  );
}

async function answerOf({ report, gateFacts }: JudgedBundle, profile: Profile): Promise<GateAnswer> {
  const gate = createGate(profile);
  for (const finding of report.installFindings) gate.add(finding);
  for await (const chapter of report.chapters()) for (const finding of chapter.findings) gate.add(finding);
  return gate.answer(report.head, gateFacts);
}

function answerLines(answer: GateAnswer): readonly string[] {
  if (answer.open) return [`open (${answer.profile})`, ...answer.notJudged.map((text) => `not judged: ${text}`)];
  return [
    `closed (${answer.profile}): ${answer.reasons.join('; ')}`,
    ...(answer.steps.length === 0 ? [] : ['To pass, in this order:']),
    ...answer.steps.flatMap((step, index) => [
      `${index + 1}. ${step.controlId ?? ''} ${oneLine(step.what)}`.replace('.  ', '. '),
      `   ${oneLine(step.todo)}`,
    ]),
    ...answer.notJudged.map((text) => `not judged: ${text}`),
  ];
}
