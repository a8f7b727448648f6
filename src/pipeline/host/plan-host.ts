import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { systemClock } from '../../collect/ask.ts';
import { installForPlan, readOnHost } from '../../collect/plan-host.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { HOST_PLAN_VERSION, type HostPlan } from '../../config/host-plan.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { loadMapping } from '../../config/mapping.ts';
import type { Config } from '../../config/schema.ts';
import { Secret } from '../../model/secret.ts';
import { REFERENCE_MAPPING } from '../reference-mapping.ts';
import { withScratch } from '../scratch.ts';
import { resolveAll } from '../secret-references.ts';
import { TOOL_VERSION } from '../version.ts';
import { sealedPlan, writePlan } from './host-plan-file.ts';
import { issuedPlans, noteIssued } from './issued-plans.ts';

export interface PlanHostOptions {
  readonly loaded: LoadedConfig;
  /** `hosts`, `locations:NAME`. */
  readonly only: readonly string[];
  readonly file: string;
  readonly signal: AbortSignal;
}

/**
 * Writes what a host that the audit cannot reach is to be asked, and notes that it was written.
 *
 * @throws ConfigurationError for names that the configuration does not have; SourceError where the install database does
 *   not answer; OutputError where the plan cannot be written
 */
export async function planHost({ loaded, only, file, signal }: PlanHostOptions): Promise<HostPlan> {
  const { config } = loaded;
  const wanted = wantedBy(loaded, only);
  const secrets = await resolveAll(loaded);
  const key = secrets.get(config.digestKey ?? '') ?? null;
  const plansFile = config.collect.plans ?? join(dirname(resolve(loaded.file)), 'plans.ndjson');
  // Before anything is written: a file of somebody else stays as it is.
  await issuedPlans(plansFile, loaded.file);
  const mapping = await loadMapping(
    config.install.mapping === undefined ? REFERENCE_MAPPING : resolve(dirname(loaded.file), config.install.mapping),
  );
  const secret = (_setting: string, reference: string) => Promise.resolve(secrets.get(reference) ?? new Secret(''));
  const install = await withScratch((scratch) =>
    installForPlan({ config, mapping, signal, secret }, join(scratch, 'spool')),
  );
  const { bootstrapFile, stateDirectory, host, licenseFile } = config.install;
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
      ],
      digestKey: config.digestKey ?? null,
    },
    key,
  );
  await writePlan(file, plan);
  await noteIssued(plansFile, plan);
  return plan;
}

type DirectoryLocation = HostPlan['locations'][number];

interface Wanted {
  readonly hosts: boolean;
  readonly locations: readonly DirectoryLocation[];
}

/** @throws ConfigurationError with everything that cannot be asked */
function wantedBy({ config, file }: LoadedConfig, only: readonly string[]): Wanted {
  const mistakes: { path: string; problem: string; hint: string }[] = [];
  const refuse = (path: string, problem: string, hint: string) => void mistakes.push({ path, problem, hint });
  const locations = new Map<string, DirectoryLocation>();
  for (const one of only) {
    if (one === 'hosts') {
      for (const location of readOnHost(config.locations, config.install.host)) locations.set(location.name, location);
    } else if (one.startsWith('locations:')) {
      const location = directoryOf(config, one.slice('locations:'.length));
      if (typeof location === 'string') refuse(`--only ${one}`, location, ONLY_DIRECTORIES);
      else locations.set(location.name, location);
    } else if (one.startsWith('providers:')) {
      refuse(
        `--only ${one}`,
        'key providers cannot be asked on another host by this version',
        'Run the audit where the provider can be reached, and judge that bundle: recoverage collect --bundle.',
      );
    } else {
      refuse(
        `--only ${one}`,
        'is nothing that can be planned',
        'Write hosts, or locations: and the name of a location.',
      );
    }
  }
  if (mistakes.length > 0) throw new ConfigurationError(file, mistakes);
  return { hosts: only.includes('hosts'), locations: [...locations.values()].map(plain) };
}

const ONLY_DIRECTORIES = 'Name a location of kind directory; buckets and services can be asked from everywhere.';

function directoryOf({ locations }: Config, name: string): DirectoryLocation | string {
  const found = locations.find((location) => location.name === name);
  if (found === undefined) return `${name} is not among the locations`;
  return found.kind === 'directory' ? found : `location ${name} is of kind ${found.kind}`;
}

/** As the schema knows it: without what the host that is asked need not know. */
function plain(location: DirectoryLocation): DirectoryLocation {
  return JSON.parse(JSON.stringify(location)) as DirectoryLocation;
}
