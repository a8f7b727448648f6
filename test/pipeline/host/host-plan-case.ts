import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostPlan, HostPlanContent } from '../../../src/config/host-plan.ts';
import { type LoadedConfig, loadConfig } from '../../../src/config/load.ts';
import { locationSchema } from '../../../src/config/location-schema.ts';
import { Secret } from '../../../src/model/secret.ts';
import { sealedPlan, writePlan } from '../../../src/pipeline/host/host-plan-file.ts';
import { noteIssued } from '../../../src/pipeline/host/issued-plans.ts';

export const INSTALL_ID = 'inst_01host';
const KEY_TEXT = 'the digest key of the tests';
const LICENSE = '{"installId":"inst_01host","appKeys":["very-secret-app-key"],"validUntil":"2027-01-31"}';
export const KEY = new Secret(KEY_TEXT);

/** A host with a bootstrap file, a state directory and a store, a configuration that knows it, and a plan for it. */
export interface HostCase {
  readonly root: string;
  readonly loaded: LoadedConfig;
  readonly planFile: string;
  readonly plan: HostPlan;
  readonly environment: Readonly<Record<string, string>>;
  readonly paths: { readonly bootstrap: string; readonly state: string; readonly store: string };
}

export interface HostCaseOptions {
  readonly withKey?: boolean;
  /** Variables that the host has besides. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly change?: (content: HostPlanContent) => HostPlanContent;
}

export async function hostCase(
  root: string,
  { withKey = true, environment: more = {}, change }: HostCaseOptions = {},
): Promise<HostCase> {
  const paths = { bootstrap: join(root, 'bootstrap.env'), state: join(root, 'state'), store: join(root, 'store') };
  // Asked for by plans that name it.
  await writeFile(join(root, 'license.json'), LICENSE);
  await writeFile(paths.bootstrap, 'SETUP_TOKEN=very-secret-token\n');
  await mkdir(join(paths.state, 'deep'), { recursive: true });
  await writeFile(join(paths.state, 'deep', 'state.json'), '{"secret":"very-secret-state"}');
  await mkdir(paths.store);
  await writeFile(join(paths.store, 'document'), 'x');
  const copies = join(root, 'copies');
  const copy = join(copies, '2026-11-22T03-00-00Z');
  await mkdir(copy, { recursive: true });
  await writeFile(join(copy, 'bootstrap.env'), 'SETUP_TOKEN=very-secret-token\n');
  await writeFile(join(copy, 'license.json'), LICENSE);
  await writeFile(join(copy, 'DONE'), '');
  const location = {
    kind: 'directory',
    name: 'sets',
    path: copies,
    purposes: ['files'],
    files: { completionMarker: 'DONE', sourceRoot: root },
    reachableFrom: 'install-1',
  } as const;
  const file = join(root, 'recoverage.yaml');
  await writeFile(
    file,
    JSON.stringify({
      version: 1,
      install: {
        host: 'install-1',
        collectorRunsHere: false,
        database: { name: 'novantra', host: '127.0.0.1', user: 'nobody' },
        bootstrapFile: paths.bootstrap,
        stateDirectory: paths.state,
      },
      locations: [location],
      ...(withKey ? { digestKey: 'env:HOST_CASE_KEY' } : {}),
      report: { directory: join(root, 'reports') },
    }),
  );
  const environment = { ...more, ...(withKey ? { HOST_CASE_KEY: KEY_TEXT } : {}) };
  const loaded = await loadConfig(file, environment);
  const directory = locationSchema.parse(location);
  if (directory.kind !== 'directory') throw new Error('it is a directory');
  const content: HostPlanContent = {
    type: 'host-plan',
    hostPlanVersion: 2,
    planId: '0123456789abcdef0123456789abcdef',
    installId: INSTALL_ID,
    installHost: 'install-1',
    productVersion: '4.2.1',
    toolVersion: '0.0.0',
    createdAt: '2026-11-22T18:00:00.000Z',
    only: ['hosts'],
    depth: 'mixed',
    hostFiles: [
      { role: 'bootstrap', path: paths.bootstrap },
      { role: 'state-directory', path: paths.state },
    ],
    system: true,
    stores: [paths.store],
    locations: [directory],
    copied: [
      { path: paths.bootstrap, digest: 'file' },
      { path: paths.state, digest: 'tree' },
    ],
    names: null,
    providers: [],
    requestTimeoutSeconds: 20,
    fileSamples: [],
    checksums: false,
    digestKey: withKey ? 'env:HOST_CASE_KEY' : null,
  };
  const plan = sealedPlan(change?.(content) ?? content, withKey ? KEY : null);
  const planFile = join(root, 'plan.json');
  await writePlan(planFile, plan);
  await noteIssued(loaded.config.collect.plans ?? '', plan);
  return { root, loaded, planFile, plan, environment, paths };
}
