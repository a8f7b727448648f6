import { loadConfig } from '../../config/load.ts';
import { collectBundle } from '../../pipeline/collect-bundle.ts';
import type { RegisterCommand } from '../command.ts';
import { EXIT } from '../io.ts';
import {
  type CollectFlags,
  configOption,
  depthOption,
  inventoryOption,
  jsonOption,
  pathFrom,
  withCollectFlags,
} from '../options.ts';
import { progressLine } from '../progress.ts';
import { oneLine } from '../summary.ts';

/** `recoverage collect`: write the evidence to a bundle, to be judged later or elsewhere. */
export const registerCollect: RegisterCommand = (program, io, done) => {
  program
    .command('collect')
    .description('collect the evidence into a bundle, without judging it')
    .addOption(configOption())
    .requiredOption('-b, --bundle <file>', 'the bundle to write; holds no secret, but names organizations')
    .addOption(depthOption())
    .addOption(inventoryOption())
    .addOption(jsonOption('what was collected'))
    .addHelpText(
      'after',
      `
Depth: structure reads headers and tables of contents; mixed also, within the budget of collect.verification, the newest
copy of each database in each location to its end; full all copies. What was read before is remembered.

Examples:
  recoverage collect --bundle evidence.ndjson
  recoverage collect --bundle evidence.ndjson --depth full
  recoverage judge --bundle evidence.ndjson`,
    )
    .action(async (flags: CollectFlags & { config: string; bundle: string; json?: boolean }) => {
      const loaded = withCollectFlags(await loadConfig(pathFrom(io, flags.config), io.environment), flags);
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
