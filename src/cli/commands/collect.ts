import { loadConfig } from '../../config/load.ts';
import { collectBundle } from '../../pipeline/collect-bundle.ts';
import type { RegisterCommand } from '../command.ts';
import { EXIT } from '../io.ts';
import {
  configOption,
  type Depth,
  depthOption,
  jsonOption,
  pathFrom,
  proveKeysOption,
  withDepth,
  withProofs,
} from '../options.ts';
import { progressLine } from '../progress.ts';
import { oneLine } from '../summary.ts';

interface CollectFlags {
  readonly config: string;
  readonly bundle: string;
  readonly depth?: Depth;
  readonly proveKeys?: boolean;
  readonly json?: boolean;
}

/** `recoverage collect`: write the evidence to a bundle, to be judged later or elsewhere. */
export const registerCollect: RegisterCommand = (program, io, done) => {
  program
    .command('collect')
    .description('collect the evidence into a bundle, without judging it')
    .addOption(configOption())
    .requiredOption('-b, --bundle <file>', 'the bundle to write; holds no secret, but names organizations')
    .addOption(depthOption())
    .addOption(proveKeysOption())
    .addOption(jsonOption('what was collected'))
    .addHelpText(
      'after',
      `
Depth: structure reads headers and tables of contents; mixed also, within the budget of collect.verification, the newest
copy of each database in each location to its end; full all copies. What was read before is remembered.

Keys: with --prove-keys Vault rewraps, and AWS KMS decrypts, one wrapped sample of each key version in use. Plaintext is
overwritten and in no output. The rights for it: recoverage permissions --prove-keys.

Examples:
  recoverage collect --bundle evidence.ndjson
  recoverage collect --bundle evidence.ndjson --depth full
  recoverage judge --bundle evidence.ndjson`,
    )
    .action(async (flags: CollectFlags) => {
      const read = await loadConfig(pathFrom(io, flags.config), io.environment);
      const loaded = withProofs(withDepth(read, flags.depth), flags.proveKeys);
      const progress = progressLine(io);
      const file = pathFrom(io, flags.bundle);
      const outcome = await collectBundle({ loaded, file, signal: io.signal, progress: progress.update }).finally(() =>
        progress.end(),
      );
      io.stderr.write(
        outcome.total === null
          ? `The organizations could not be listed: ${oneLine(outcome.blindSpot?.detail ?? '')}. ${oneLine(outcome.blindSpot?.remedy ?? '')}\n`
          : `Collected ${outcome.total} organizations into ${file}\n`,
      );
      if (flags.json === true) io.stdout.write(`${JSON.stringify({ bundle: file, organizations: outcome.total })}\n`);
      done(outcome.total === null ? EXIT.notJudged : EXIT.clear);
    });
};
