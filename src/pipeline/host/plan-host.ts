import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { createAsker, systemClock } from '../../collect/ask.ts';
import type { Collection } from '../../collect/estate.ts';
import { isRepositoryOfFiles } from '../../collect/file-sets/read-file-copies.ts';
import { installForPlan } from '../../collect/plan-host.ts';
import { NOTHING_JOINED } from '../../collect/recorded/joined-hosts.ts';
import { TOLD_BY_NAMES } from '../../collect/recorded/record-physical.ts';
import { ConfigurationError, type Mistake } from '../../config/configuration-error.ts';
import { HOST_PLAN_VERSION, type HostPlan } from '../../config/host-plan.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { loadMapping } from '../../config/mapping.ts';
import { Secret } from '../../model/secret.ts';
import { REFERENCE_MAPPING } from '../reference-mapping.ts';
import { withScratch } from '../scratch.ts';
import { resolveAll } from '../secret-references.ts';
import { TOOL_VERSION } from '../version.ts';
import { sealedPlan, writePlan } from './host-plan-file.ts';
import { issuedPlans, noteIssued } from './issued-plans.ts';
import { plain, wantedBy } from './wanted-by.ts';

export interface PlanHostOptions {
  readonly loaded: LoadedConfig;
  /** `hosts`, `locations:NAME`, `providers:ID`. */
  readonly only: readonly string[];
  readonly file: string;
  /** Whether names of files are drawn out of the databases, to be looked for on the host, in stores and in snapshots. Default: yes. */
  readonly fileNames?: boolean;
  readonly signal: AbortSignal;
}

/** What was planned, and what of it could not be had, in words. */
export interface PlannedHost {
  readonly plan: HostPlan;
  readonly lacking: readonly string[];
}

/**
 * Writes what a host that the audit cannot reach is to be asked, and notes that it was written.
 *
 * @throws ConfigurationError for names that the configuration does not have; SourceError where the install database does
 *   not answer; OutputError where the plan cannot be written
 */
export async function planHost(options: PlanHostOptions): Promise<PlannedHost> {
  const { loaded, only, file, signal, fileNames = true } = options;
  const { config, policy } = loaded;
  const wanted = wantedBy(loaded, only);
  const secrets = await resolveAll(loaded);
  const key = secrets.get(config.digestKey ?? '') ?? null;
  const plansFile = config.collect.plans ?? join(dirname(resolve(loaded.file)), 'plans.ndjson');
  // Before anything is written: a file of somebody else stays as it is.
  await issuedPlans(plansFile, loaded.file);
  const collection = await collectionFor(loaded, secrets, signal);
  const install = await withScratch((scratch) =>
    installForPlan(collection, join(scratch, 'spool'), {
      providers: wanted.providers,
      names: wanted.locations.some(({ purposes }) => purposes.some((purpose) => TOLD_BY_NAMES.has(purpose))),
      fileNames: wanted.hosts && fileNames && config.collect.fileSample.rows > 0,
      copyNames: wanted.locations.some(isRepositoryOfFiles) && fileNames && config.collect.fileSample.rows > 0,
      samples: policy.proveKeys,
    }),
  );
  if (install.draws === null) throw new ConfigurationError(loaded.file, [TOO_MANY_NAMES]);
  const { bootstrapFile, stateDirectory, host, licenseFile, runbook, collectorRunsHere } = config.install;
  const certificates = config.install.addresses.flatMap(({ certificateFile = [] }) => certificateFile);
  const isHost = wanted.hosts;
  const plan = sealedPlan(
    {
      type: 'host-plan',
      hostPlanVersion: HOST_PLAN_VERSION,
      planId: randomBytes(16).toString('hex'),
      installId: install.installId,
      installHost: host,
      productVersion: install.productVersion,
      toolVersion: TOOL_VERSION,
      createdAt: systemClock(),
      only: [...only],
      depth: config.collect.depth,
      hostFiles: isHost
        ? [
            { role: 'bootstrap', path: bootstrapFile },
            { role: 'state-directory', path: stateDirectory },
          ]
        : [],
      ...(isHost && licenseFile !== undefined ? { licenseFile } : {}),
      ...(isHost && certificates.length > 0 ? { certificateFiles: [...new Set(certificates)] } : {}),
      system: isHost,
      stores: isHost ? [...install.stores] : [],
      locations: [...wanted.locations],
      copied: [
        { path: bootstrapFile, digest: 'file' },
        { path: stateDirectory, digest: 'tree' },
        ...(licenseFile === undefined ? [] : [{ path: licenseFile, digest: 'file' as const }]),
        ...(runbook === undefined || !collectorRunsHere ? [] : [{ path: runbook, digest: 'file' as const }]),
      ],
      names: install.names,
      providers: install.providers.map((provider) => plain(provider)),
      requestTimeoutSeconds: config.collect.requestTimeoutSeconds,
      fileSamples: [...install.draws],
      ...(install.copyDraws.length === 0 ? {} : { copySamples: [...install.copyDraws] }),
      checksums: config.collect.fileSample.checksums,
      digestKey: config.digestKey ?? null,
    },
    key,
  );
  await writePlan(file, plan);
  await noteIssued(plansFile, plan);
  return { plan, lacking: install.lacking };
}

/** What asking the databases takes; nothing else is asked. */
async function collectionFor(
  loaded: LoadedConfig,
  secrets: ReadonlyMap<string, Secret>,
  signal: AbortSignal,
): Promise<Collection> {
  const { config, policy, attestations } = loaded;
  const mapping = await loadMapping(
    config.install.mapping === undefined ? REFERENCE_MAPPING : resolve(dirname(loaded.file), config.install.mapping),
  );
  return {
    config,
    policy,
    attestations,
    attestationsUsed: new Set(),
    mapping,
    asker: createAsker(systemClock, [...secrets.values()], signal),
    signal,
    digestKey: new Secret(''),
    startedAt: systemClock(),
    secret: (_setting, reference) => Promise.resolve(secrets.get(reference) ?? new Secret('')),
    configFile: resolve(loaded.file),
    references: [],
    joined: NOTHING_JOINED,
    reportChain: { reports: [], blindSpot: null },
  };
}

const TOO_MANY_NAMES: Mistake = {
  path: 'collect.fileSample.rows',
  problem: 'more names of files would be in the plan than a host can be handed',
  hint: 'Lower it, or leave the names out with --no-file-names: FILE-8 is then unknown.',
};
