import { relative, sep } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { auditInstall } from '../../pipeline/audit.ts';
import { checkReportDirectory } from '../../pipeline/render-report.ts';
import type { RegisterCommand } from '../command.ts';
import { type CommandIo, UsageError } from '../io.ts';
import {
  acceptExcludedOption,
  type CollectFlags,
  configOption,
  depthOption,
  exitStyleOption,
  failOnOption,
  formatOption,
  inventoryOption,
  type JoinFlags,
  joinedFiles,
  jsonOption,
  organizationOption,
  outputOption,
  type PolicyFlags,
  pathFrom,
  policyWith,
  proveKeysOption,
  readKeyVersionsOption,
  withCollectFlags,
  withOption,
  withProofs,
} from '../options.ts';
import { progressLine } from '../progress.ts';
import { tellOfReplaced } from '../replaced-file.ts';
import { outputReport, type ReportFlags } from '../report-output.ts';

interface ScanFlags extends PolicyFlags, ReportFlags, CollectFlags, JoinFlags {
  readonly config: string;
  readonly organization?: string;
  readonly bundle?: string;
  readonly proveKeys?: boolean;
}

/** `recoverage scan`: collect, judge and render in one go. */
export const registerScan: RegisterCommand = (program, io, done) => {
  program
    .command('scan')
    .description('audit an install: collect, judge and write the report')
    .addOption(configOption())
    .addOption(outputOption())
    .addOption(formatOption())
    .addOption(organizationOption())
    .addOption(depthOption())
    .addOption(inventoryOption())
    .addOption(proveKeysOption())
    .addOption(readKeyVersionsOption())
    .addOption(failOnOption())
    .addOption(acceptExcludedOption())
    .addOption(withOption())
    .option('--bundle <file>', 'keep the collected evidence here, to judge or render it again')
    .addOption(exitStyleOption())
    .addOption(jsonOption('the head of the report'))
    .addHelpText(
      'after',
      `
Exit codes: 0 clear, 1 a gap, 2 something could not be judged, 3 usage or configuration, 4 own defect, 130 interrupted.

Depth: structure reads headers and tables of contents; mixed also, within the budget of collect.verification, the newest
copy of each database in each location to its end; full all copies. What was read before is remembered.

Keys: with --prove-keys Vault rewraps, and AWS KMS decrypts, one wrapped sample of each key version in use. Plaintext is
overwritten and in no output. The rights for it: recoverage permissions --prove-keys.

Key versions: with --read-key-versions one table of each dump of a tenant database is read, the one that the mapping names
under copies. References, versions, states and dates of keys are kept, and nothing else of its content.

Examples:
  recoverage scan
  recoverage scan --depth structure
  recoverage scan --prove-keys
  recoverage scan --depth full --output /var/lib/recoverage/reports/monthly
  recoverage scan --config /etc/recoverage/recoverage.yaml --output /var/lib/recoverage/latest
  recoverage scan --organization org_01hxy0000000000000000000000 --format pdf
  recoverage scan --with host.ndjson --with vault-room.ndjson
  recoverage scan --bundle evidence.ndjson --json | jq .install.verdict`,
    )
    .action(async (flags: ScanFlags) => {
      const read = await loadConfig(pathFrom(io, flags.config), io.environment);
      const loaded = withProofs(withCollectFlags(read, flags), flags.proveKeys);
      // A report that cannot be written is not worth an hour of asking.
      if (flags.output !== undefined) await checkReportDirectory(pathFrom(io, flags.output));
      refuseBundleInReport(io, flags);
      const progress = progressLine(io);
      if (flags.bundle !== undefined) await tellOfReplaced(io, pathFrom(io, flags.bundle));
      const exitCode = await auditInstall(
        loaded,
        {
          signal: io.signal,
          progress: progress.update,
          policy: policyWith(loaded.policy, flags),
          with: joinedFiles(io, flags),
          ...(flags.organization === undefined ? {} : { only: flags.organization }),
          ...(flags.bundle === undefined ? {} : { keepBundle: pathFrom(io, flags.bundle) }),
        },
        (judged) => {
          progress.update({ phase: 'writing the report', done: 0, total: null });
          progress.end();
          return outputReport(io, judged, flags, loaded.config.report, loaded.config.report.list);
        },
      ).finally(() => progress.end());
      done(exitCode);
    });
};

/** The directory of a report holds nothing else, so that the bundle in it would keep the report from being written. */
function refuseBundleInReport(io: CommandIo, { output, bundle }: ScanFlags): void {
  if (output === undefined || bundle === undefined) return;
  const [top] = relative(pathFrom(io, output), pathFrom(io, bundle)).split(sep);
  if (top === '..') return;
  throw new UsageError(
    `--bundle ${JSON.stringify(bundle)} lies in the directory of the report, ${JSON.stringify(output)}, which holds nothing but the report: keep the bundle elsewhere.`,
  );
}
