import { loadConfig } from '../../config/load.ts';
import { collectBundle } from '../../pipeline/collect-bundle.ts';
import { collectHost } from '../../pipeline/host/collect-host.ts';
import type { RegisterCommand } from '../command.ts';
import { type CommandIo, EXIT, UsageError } from '../io.ts';
import {
  type CollectFlags,
  configOption,
  depthOption,
  inventoryOption,
  type JoinFlags,
  joinedFiles,
  jsonOption,
  pathFrom,
  proveKeysOption,
  readKeyVersionsOption,
  withCollectFlags,
  withOption,
  withProofs,
} from '../options.ts';
import { progressLine } from '../progress.ts';
import { tellOfReplaced } from '../replaced-file.ts';
import { oneLine } from '../summary.ts';

interface CollectCommandFlags extends CollectFlags, JoinFlags {
  readonly config: string;
  readonly bundle?: string;
  readonly plan?: string;
  readonly out?: string;
  readonly digestKey?: string;
  readonly proveKeys?: boolean;
  readonly json?: boolean;
}

/** `recoverage collect`: write the evidence to a bundle, to be judged later or elsewhere. */
export const registerCollect: RegisterCommand = (program, io, done) => {
  program
    .command('collect')
    .description('collect the evidence into a bundle, without judging it; or answer a plan for this host alone')
    .addOption(configOption())
    .option('-b, --bundle <file>', 'the bundle to write; holds no secret, but names organizations')
    .option(
      '--plan <file>',
      'answer this plan (recoverage plan) on this host: no database, no configuration, no network but to its key providers',
    )
    .option('--out <file>', 'the host bundle to write, with --plan')
    .option(
      '--digest-key <reference>',
      'with --plan: where the key is that both hosts share, env:NAME or file:PATH; needed where the plan asks key providers, restic or Borg',
    )
    .addOption(withOption())
    .addOption(depthOption())
    .addOption(inventoryOption())
    .addOption(proveKeysOption())
    .addOption(readKeyVersionsOption())
    .addOption(jsonOption('what was collected'))
    .addHelpText(
      'after',
      `
Depth: structure reads headers and tables of contents; mixed also, within the budget of collect.verification, the newest
copy of each database in each location to its end; full all copies. What was read before is remembered.

Exit codes with --plan: 0 all was answered, 2 something could not be, 3 the plan cannot be used, 4 nothing was written.

Keys: with --prove-keys Vault rewraps, and AWS KMS decrypts, one wrapped sample of each key version in use. Plaintext is
overwritten and in no output. The rights for it: recoverage permissions --prove-keys. With --plan the samples are those of
the plan (plan --prove-keys).

Key versions: with --read-key-versions one table of each dump of a tenant database is read, the one that the mapping names
under copies. References, versions, states and dates of keys are kept, and nothing else of its content.

Examples:
  recoverage collect --bundle evidence.ndjson
  recoverage collect --bundle evidence.ndjson --depth full
  recoverage judge --bundle evidence.ndjson
  recoverage collect --plan plan.json --out host.ndjson
  recoverage collect --plan vault-room.json --out vault-room.ndjson --digest-key env:RECOVERAGE_DIGEST_KEY`,
    )
    .action(async (flags: CollectCommandFlags) => {
      if (flags.plan !== undefined) {
        done(await answerPlan(io, flags, flags.plan));
        return;
      }
      if (flags.out !== undefined) throw new UsageError('--out goes with --plan. Name the bundle with --bundle.');
      if (flags.digestKey !== undefined) throw new UsageError('--digest-key goes with --plan; else it is configured.');
      if (flags.bundle === undefined) {
        throw new UsageError('name what to write: --bundle FILE, or --plan FILE with --out FILE on another host.');
      }
      const read = await loadConfig(pathFrom(io, flags.config), io.environment);
      const loaded = withProofs(withCollectFlags(read, flags), flags.proveKeys);
      const progress = progressLine(io);
      const file = pathFrom(io, flags.bundle);
      await tellOfReplaced(io, file);
      const outcome = await collectBundle({
        loaded,
        file,
        signal: io.signal,
        progress: progress.update,
        with: joinedFiles(io, flags),
      }).finally(() => progress.end());
      io.stderr.write(
        outcome.total === null
          ? `The organizations could not be listed: ${oneLine(outcome.blindSpot?.detail ?? '')}. ${oneLine(outcome.blindSpot?.remedy ?? '')}\n`
          : `Collected ${outcome.total} organizations into ${file}\n`,
      );
      if (flags.json === true) io.stdout.write(`${JSON.stringify({ bundle: file, organizations: outcome.total })}\n`);
      done(outcome.total === null ? EXIT.notJudged : EXIT.clear);
    });
};

/** Most blind spots that are printed one by one. */
const SHOWN = 20;

async function answerPlan(io: CommandIo, flags: CollectCommandFlags, plan: string): Promise<number> {
  if (flags.out === undefined) throw new UsageError('name the host bundle to write: --out FILE.');
  if (flags.bundle !== undefined || flags.with !== undefined) {
    throw new UsageError('--plan answers for this host alone: leave out --bundle and --with.');
  }
  const file = pathFrom(io, flags.out);
  await tellOfReplaced(io, file);
  const {
    host,
    answers,
    blindSpots,
    plan: answered,
  } = await collectHost({
    planFile: pathFrom(io, plan),
    file,
    environment: io.environment,
    signal: io.signal,
    ...(flags.depth === undefined ? {} : { depth: flags.depth }),
    ...(flags.digestKey === undefined ? {} : { digestKey: flags.digestKey }),
    ...(flags.proveKeys === undefined ? {} : { proveKeys: flags.proveKeys }),
  });
  // One reason may stand behind any number of questions.
  const reasons = [...new Set(blindSpots)];
  for (const spot of reasons.slice(0, SHOWN)) io.stderr.write(`not answered: ${oneLine(spot)}\n`);
  if (reasons.length > SHOWN) io.stderr.write(`and ${reasons.length - SHOWN} more\n`);
  io.stderr.write(
    `Host ${oneLine(host)} answered ${answers} questions about install ${oneLine(answered.installId)} into ${file}\n`,
  );
  const samples = answered.providers.reduce((sum, provider) => sum + provider.samples.length, 0);
  if (samples > 0 && flags.proveKeys !== true) {
    io.stderr.write(
      `The plan holds ${samples} wrapped samples, which were left alone: --prove-keys has them unwrapped.\n`,
    );
  }
  if (samples === 0 && flags.proveKeys === true) {
    io.stderr.write('The plan holds no wrapped samples, so that no key was proven: write it with --prove-keys.\n');
  }
  if (flags.json === true) {
    const { planId, installId } = answered;
    const printed = { bundle: file, host, planId, installId, answers, notAnswered: blindSpots.length };
    io.stdout.write(`${JSON.stringify(printed)}\n`);
  }
  return blindSpots.length === 0 ? EXIT.clear : EXIT.notJudged;
}
