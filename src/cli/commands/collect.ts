import { loadConfig } from '../../config/load.ts';
import { collectBundle } from '../../pipeline/collect-bundle.ts';
import type { RegisterCommand } from '../command.ts';
import { EXIT } from '../io.ts';
import { configOption, jsonOption, pathFrom } from '../options.ts';
import { progressLine } from '../progress.ts';
import { oneLine } from '../summary.ts';

/** `recoverage collect`: write the evidence to a bundle, to be judged later or elsewhere. */
export const registerCollect: RegisterCommand = (program, io, done) => {
  program
    .command('collect')
    .description('collect the evidence into a bundle, without judging it')
    .addOption(configOption())
    .requiredOption('-b, --bundle <file>', 'the bundle to write; holds no secret, but names organizations')
    .addOption(jsonOption('what was collected'))
    .addHelpText(
      'after',
      `
Examples:
  recoverage collect --bundle evidence.ndjson
  recoverage judge --bundle evidence.ndjson`,
    )
    .action(async (flags: { config: string; bundle: string; json?: boolean }) => {
      const loaded = await loadConfig(pathFrom(io, flags.config), io.environment);
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
