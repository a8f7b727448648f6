import type { Command } from 'commander';
import { systemClock } from '../../collect/ask.ts';
import { loadConfig } from '../../config/load.ts';
import { loadProfile, type Profile } from '../../config/profile.ts';
import type { Instant } from '../../model/instant.ts';
import { auditInstall } from '../../pipeline/audit.ts';
import { judgeSaved } from '../../pipeline/judge-saved.ts';
import type { JudgedBundle } from '../../pipeline/judging/judge-bundle.ts';
import { createGate, type GateAnswer } from '../../report/gate.ts';
import { basisLines, type GateBasis, gateBasis, type PolicyOrigin } from '../../report/gate-basis.ts';
import type { RegisterCommand } from '../command.ts';
import { type CommandIo, UsageError } from '../io.ts';
import {
  asOfOption,
  configOption,
  type JoinFlags,
  joinedFiles,
  jsonOption,
  pathFrom,
  proveKeysOption,
  withOption,
  withProofs,
} from '../options.ts';
import { progressLine } from '../progress.ts';
import { oneLine } from '../summary.ts';
import { policyOf } from './judge.ts';

/** What `--json` prints. */
type PrintedAnswer = GateAnswer & { readonly judged: GateBasis; readonly notices: readonly string[] };

interface GateFlags extends JoinFlags {
  readonly profile: string;
  readonly config: string;
  readonly bundle?: string;
  readonly asOf?: Instant;
  readonly proveKeys?: boolean;
  readonly json?: boolean;
}

interface SavedFlags {
  /** Configuration file whose policy replaces the bundle's own. */
  readonly policy?: string;
  readonly asOf?: Instant;
}

/** `recoverage gate`: open or closed, by the wall clock, with what to do to pass. */
export const registerGate: RegisterCommand = (program, io, done) => {
  program
    .command('gate')
    .description('answer open or closed for an upgrade or a pipeline, and say what to do to pass')
    .option('-p, --profile <name>', 'default, pre-upgrade, or a file', 'default')
    .addOption(configOption())
    .option('-b, --bundle <file>', 'answer from a saved bundle instead of a fresh scan')
    .addOption(withOption().conflicts('bundle'))
    .addOption(asOfOption())
    .addOption(proveKeysOption())
    .addOption(jsonOption('the answer'))
    .addHelpText(
      'after',
      `
Exit codes: 0 open, 1 closed by a gap, 2 closed by something that could not be judged or was left out.
A saved bundle is judged by the wall clock, so old evidence closes the gate. With --as-of it is judged by that clock,
and evidence that is too old by now does not close it.
A saved bundle is judged by its own policy, or by the policy of the configuration that --config names.

Examples:
  recoverage gate
  recoverage gate --profile pre-upgrade
  recoverage gate --profile pre-upgrade --with host.ndjson
  recoverage gate --profile pre-upgrade --bundle evidence.ndjson --json
  recoverage gate --bundle evidence.ndjson --config stricter.yaml`,
    )
    .action(async (flags: GateFlags, command: Command) => {
      if (flags.proveKeys === true && flags.bundle !== undefined) {
        throw new UsageError('Nothing is asked about a saved bundle: prove keys with recoverage collect --prove-keys.');
      }
      const profile = await loadProfile(/[./\\]/.test(flags.profile) ? pathFrom(io, flags.profile) : flags.profile);
      const answer = await (flags.bundle === undefined
        ? freshAnswer(io, flags, profile)
        : savedAnswer(io, pathFrom(io, flags.bundle), savedFlags(flags, command), profile));
      if (flags.json === true) io.stdout.write(`${JSON.stringify(answer)}\n`);
      else for (const line of answerLines(answer)) io.stdout.write(`${line}\n`);
      done(answer.exitCode);
    });
};

/** A configuration changes how a saved bundle is judged only where it was named, not by its usual name. */
function savedFlags(flags: GateFlags, command: Command): SavedFlags {
  const policy = command.getOptionValueSource('config') === 'cli' ? { policy: flags.config } : {};
  return { ...policy, ...(flags.asOf === undefined ? {} : { asOf: flags.asOf }) };
}

async function freshAnswer(io: CommandIo, flags: GateFlags, profile: Profile): Promise<PrintedAnswer> {
  const file = pathFrom(io, flags.config);
  const loaded = withProofs(await loadConfig(file, io.environment), flags.proveKeys);
  const progress = progressLine(io);
  return auditInstall(
    loaded,
    {
      signal: io.signal,
      progress: progress.update,
      with: joinedFiles(io, flags),
      ...(flags.asOf === undefined ? {} : { asOf: flags.asOf }),
    },
    (judged) => answerOf(judged, profile, { from: 'configuration', file }, flags.asOf),
  ).finally(() => progress.end());
}

async function savedAnswer(io: CommandIo, bundle: string, flags: SavedFlags, profile: Profile): Promise<PrintedAnswer> {
  const policy = await policyOf(io, bundle, flags);
  const origin: PolicyOrigin =
    flags.policy === undefined
      ? { from: 'bundle', file: null }
      : { from: 'configuration', file: pathFrom(io, flags.policy) };
  return judgeSaved(bundle, { policy, signal: io.signal, asOf: flags.asOf ?? systemClock() }, (judged) =>
    answerOf(judged, profile, origin, flags.asOf),
  );
}

async function answerOf(
  { report, gateFacts }: JudgedBundle,
  profile: Profile,
  policy: PolicyOrigin,
  asOf: Instant | undefined,
): Promise<PrintedAnswer> {
  const gate = createGate(profile);
  for (const finding of report.installFindings) gate.add(finding);
  for await (const chapter of report.chapters()) for (const finding of chapter.findings) gate.add(finding);
  const judged = gateBasis(report.head, profile, policy, asOf === undefined ? null : systemClock());
  const notices = report.head.notices.map(({ text }) => text);
  return { ...gate.answer(report.head, gateFacts), judged, notices };
}

function answerLines(answer: PrintedAnswer): readonly string[] {
  const last = [
    ...answer.notJudged.map((text) => `not judged: ${text}`),
    ...answer.notices.map((text) => `notice: ${oneLine(text)}`),
    ...basisLines(answer.judged).map(oneLine),
  ];
  if (answer.open) return [`open (${answer.profile})`, ...last];
  return [
    `closed (${answer.profile}): ${answer.reasons.join('; ')}`,
    ...(answer.steps.length === 0 ? [] : ['To pass, in this order:']),
    ...answer.steps.flatMap((step, index) => [
      `${index + 1}. ${step.kind}${step.controlId === null ? '' : ` ${step.controlId}`} ${oneLine(step.what)}`,
      `   ${oneLine(step.todo)}`,
    ]),
    ...last,
  ];
}
