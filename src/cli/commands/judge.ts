import { loadConfig } from '../../config/load.ts';
import { configSchema } from '../../config/schema.ts';
import type { Policy } from '../../model/policy.ts';
import { bundleHeader } from '../../pipeline/bundle-header.ts';
import { judgeSaved } from '../../pipeline/judge-saved.ts';
import type { RegisterCommand } from '../command.ts';
import type { CommandIo } from '../io.ts';
import {
  acceptExcludedOption,
  asOfOption,
  exitStyleOption,
  failOnOption,
  formatOption,
  jsonOption,
  organizationOption,
  outputOption,
  type PolicyFlags,
  pathFrom,
  policyWith,
} from '../options.ts';
import { outputReport, type ReportFlags } from '../report-output.ts';

interface JudgeFlags extends PolicyFlags, ReportFlags {
  readonly bundle: string;
  readonly policy?: string;
  readonly asOf?: string;
  readonly organization?: string;
}

/** What rendering uses where no configuration says otherwise. */
const STANDARD_REPORT = configSchema.shape.report.parse(undefined);

/** `recoverage judge`: the machine formats of a saved bundle. */
export const registerJudge: RegisterCommand = (program, io, done) => {
  savedBundleCommand(program, 'judge', 'judge a saved bundle and write the machine formats')
    .addHelpText(
      'after',
      `
The clock is the bundle's end unless --as-of is given; the age of the evidence is printed beside every verdict.

Examples:
  recoverage judge --bundle evidence.ndjson
  recoverage judge --bundle evidence.ndjson --as-of 2026-11-22T18:00:00Z --json
  recoverage judge --bundle evidence.ndjson --policy stricter.yaml`,
    )
    .action((flags: JudgeFlags) => run(io, { format: ['json', 'csv'], ...flags }).then(done));
};

/** `recoverage render`: every format of a saved bundle. */
export const registerRender: RegisterCommand = (program, io, done) => {
  savedBundleCommand(program, 'render', 'render a saved bundle: HTML, PDF, JSON and CSV')
    .addHelpText(
      'after',
      `
Examples:
  recoverage render --bundle evidence.ndjson --output reports/november
  recoverage render --bundle evidence.ndjson --format pdf --organization org_01hxy0000000000000000000000`,
    )
    .action((flags: JudgeFlags) => run(io, flags).then(done));
};

function savedBundleCommand(program: Parameters<RegisterCommand>[0], name: string, description: string) {
  return program
    .command(name)
    .description(description)
    .requiredOption('-b, --bundle <file>', 'a bundle that recoverage collect or scan --bundle wrote')
    .addOption(outputOption())
    .addOption(formatOption())
    .addOption(organizationOption())
    .option('--policy <file>', 'take the policy of this configuration file instead of the bundle’s')
    .addOption(asOfOption())
    .addOption(failOnOption())
    .addOption(acceptExcludedOption())
    .addOption(exitStyleOption())
    .addOption(jsonOption('the head of the report'));
}

async function run(io: CommandIo, flags: JudgeFlags): Promise<number> {
  const file = pathFrom(io, flags.bundle);
  const policy = await policyOf(io, file, flags);
  return judgeSaved(
    file,
    {
      policy,
      signal: io.signal,
      ...(flags.asOf === undefined ? {} : { asOf: flags.asOf }),
      ...(flags.organization === undefined ? {} : { only: flags.organization }),
    },
    (judged) => outputReport(io, judged, flags, STANDARD_REPORT),
  );
}

/** The policy of a configuration file where one is named, else the bundle's own; flags change either. */
export async function policyOf(
  io: CommandIo,
  bundle: string,
  flags: PolicyFlags & { readonly policy?: string },
): Promise<Policy> {
  const own = (await bundleHeader(bundle)).policy;
  if (flags.policy === undefined) return policyWith(own, flags);
  const { policy } = await loadConfig(pathFrom(io, flags.policy), io.environment);
  // Whether keys were to be proven is what was collected, and no policy changes that afterwards.
  return policyWith({ ...policy, proveKeys: own.proveKeys }, flags);
}
