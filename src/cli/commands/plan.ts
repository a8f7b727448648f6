import { loadConfig } from '../../config/load.ts';
import { planHost } from '../../pipeline/host/plan-host.ts';
import type { RegisterCommand } from '../command.ts';
import { EXIT } from '../io.ts';
import { configOption, type Depth, depthOption, jsonOption, pathFrom, withCollectFlags } from '../options.ts';
import { oneLine } from '../summary.ts';

interface PlanFlags {
  readonly config: string;
  readonly only?: readonly string[];
  readonly out: string;
  readonly depth?: Depth;
  readonly json?: boolean;
}

/** `recoverage plan`: write what a host is to be asked that the audit cannot reach. */
export const registerPlan: RegisterCommand = (program, io, done) => {
  program
    .command('plan')
    .description('write what another host is to be asked, to be answered there with collect --plan')
    .addOption(configOption())
    .option(
      '--only <what>',
      'hosts: the install host and the locations reachable from it; locations:NAME: one directory; may be given several times (default: hosts)',
      (what: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), ...what.split(',')],
    )
    .requiredOption('--out <file>', 'the plan to write; holds paths and references to secrets, and no secret')
    .addOption(depthOption())
    .addOption(jsonOption('what was planned'))
    .addHelpText(
      'after',
      `
The plan is written where the audit runs, and asks the install database for the id of the install. On the other host
nothing but the program and the plan is needed. What it answers is joined with scan --with.

Examples:
  recoverage plan --only hosts --out plan.json
  recoverage collect --plan plan.json --out host.ndjson        on the install host
  recoverage scan --with host.ndjson                           where the audit runs
  recoverage plan --only locations:vault-room --out vault-room.json`,
    )
    .action(async (flags: PlanFlags) => {
      const loaded = withCollectFlags(await loadConfig(pathFrom(io, flags.config), io.environment), flags);
      const file = pathFrom(io, flags.out);
      const plan = await planHost({ loaded, only: flags.only ?? ['hosts'], file, signal: io.signal });
      const { planId, installId, stores, locations, digestKey } = plan;
      const files =
        plan.hostFiles.length + (plan.licenseFile === undefined ? 0 : 1) + (plan.certificateFiles?.length ?? 0);
      io.stderr.write(
        `Planned ${files} host files, ${stores.length} stores and ${locations.length} locations of install ${oneLine(installId)} into ${file}\n`,
      );
      if (digestKey === null) {
        io.stderr.write(
          'No digestKey is configured: contents on two hosts cannot be compared, and the answer will bear no MAC.\n',
        );
      }
      if (flags.json === true) {
        const names = locations.map(({ name }) => name);
        io.stdout.write(
          `${JSON.stringify({ plan: file, planId, installId, hostFiles: files, stores: stores.length, locations: names })}\n`,
        );
      }
      done(EXIT.clear);
    });
};
