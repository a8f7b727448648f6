import { loadConfig } from '../../config/load.ts';
import { planHost } from '../../pipeline/host/plan-host.ts';
import type { RegisterCommand } from '../command.ts';
import { EXIT } from '../io.ts';
import {
  configOption,
  type Depth,
  depthOption,
  jsonOption,
  pathFrom,
  withCollectFlags,
  withProofs,
} from '../options.ts';
import { oneLine } from '../summary.ts';

/** Most things that a plan lacks which are printed one by one. */
const SHOWN = 20;

interface PlanFlags {
  readonly config: string;
  readonly only?: readonly string[];
  readonly out: string;
  readonly depth?: Depth;
  readonly fileNames: boolean;
  readonly proveKeys?: boolean;
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
      'hosts: the install host, and the locations and key providers reachable from it; locations:NAME: one directory; providers:ID: one key provider; may be given several times (default: hosts)',
      (what: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), ...what.split(',')],
    )
    .requiredOption('--out <file>', 'the plan to write; holds paths, names and references to secrets, and no secret')
    .option(
      '--no-file-names',
      'draw no names of files to look for on the host, in stores and snapshots; FILE-8 is then unknown',
    )
    .option('--prove-keys', 'take wrapped samples along, to be unwrapped by collect --plan --prove-keys (KEY-11)')
    .addOption(depthOption())
    .addOption(jsonOption('what was planned'))
    .addHelpText(
      'after',
      `
The plan is written where the audit runs, and asks the databases for the id of the install, the keys in use and the names
of the files to look for. On the other host nothing but the program and the plan is needed. What it answers is joined with
scan --with.

Examples:
  recoverage plan --only hosts --out plan.json
  recoverage collect --plan plan.json --out host.ndjson        on the install host
  recoverage scan --with host.ndjson                           where the audit runs
  recoverage plan --only locations:vault-room,providers:hsm --out vault-room.json`,
    )
    .action(async (flags: PlanFlags) => {
      const read = withCollectFlags(await loadConfig(pathFrom(io, flags.config), io.environment), flags);
      const loaded = withProofs(read, flags.proveKeys);
      const file = pathFrom(io, flags.out);
      const { fileNames } = flags;
      const { plan, lacking } = await planHost({
        loaded,
        only: flags.only ?? ['hosts'],
        file,
        fileNames,
        signal: io.signal,
      });
      const { planId, installId, stores, locations, providers, fileSamples, copySamples = [], digestKey } = plan;
      const hostFiles =
        plan.hostFiles.length + (plan.licenseFile === undefined ? 0 : 1) + (plan.certificateFiles?.length ?? 0);
      // Those of one store may be looked for in it and in its copies.
      const named = new Set<string>();
      for (const { store, files } of fileSamples)
        for (const { objectKey } of files) named.add(`${store}\0${objectKey}`);
      for (const { root, files } of copySamples) for (const { objectKey } of files) named.add(`${root}\0${objectKey}`);
      const files = named.size;
      const samples = providers.reduce((sum, provider) => sum + provider.samples.length, 0);
      io.stderr.write(
        `Planned ${hostFiles} host files, ${stores.length} stores, ${locations.length} locations and ${providers.length} key providers of install ${oneLine(installId)} into ${file}\n`,
      );
      if (files > 0) io.stderr.write(`It names ${files} files of organizations: keep it as you keep the database.\n`);
      if (samples > 0) io.stderr.write(`It holds ${samples} wrapped samples, for collect --plan --prove-keys.\n`);
      for (const what of lacking.slice(0, SHOWN)) io.stderr.write(`not in it: ${oneLine(what)}\n`);
      if (lacking.length > SHOWN) io.stderr.write(`and ${lacking.length - SHOWN} more\n`);
      if (digestKey === null) {
        io.stderr.write(
          'No digestKey is configured: contents on two hosts cannot be compared, and the answer will bear no MAC.\n',
        );
      }
      if (flags.json === true) {
        const printed = {
          plan: file,
          planId,
          installId,
          hostFiles,
          stores: stores.length,
          locations: locations.map(({ name }) => name),
          providers: providers.map(({ definition }) => definition.id),
          fileNames: files,
          wrappedSamples: samples,
          lacking: lacking.length,
        };
        io.stdout.write(`${JSON.stringify(printed)}\n`);
      }
      done(EXIT.clear);
    });
};
