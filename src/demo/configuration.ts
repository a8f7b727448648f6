import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { DAY } from '../model/instant.ts';
import { COMPLETION_MARKER, HOST_PATHS } from './host-files.ts';
import { NAMES, ORGANIZATIONS } from './organizations.ts';
import type { Timeline } from './timeline.ts';

/** Where everything of the demo is. Directories are absolute. */
export interface DemoPlaces {
  readonly directory: string;
  /** Stands for `/` of the install host. */
  readonly hostRoot: string;
  readonly dumps: string;
  /** Stands for a third place, to which the dumps are copied. */
  readonly secondDumps: string;
  readonly files: string;
  readonly snapshots: string;
  readonly installers: string;
  readonly runbook: string;
  readonly reports: string;
  readonly postgres: { readonly host: string; readonly port: number };
  readonly vaultAddress: string;
}

/** Environment variables that hold the secrets of the demo while it runs. */
export const SECRET_NAMES = {
  password: 'RECOVERAGE_DEMO_POSTGRES_PASSWORD',
  token: 'RECOVERAGE_DEMO_VAULT_TOKEN',
} as const;

/** Anchors and aliases are not allowed in configurations. */
const PLAIN = { aliasDuplicateObjects: false } as const;

/** Writes the configuration and the attestations beside it. @returns path of the configuration */
export async function writeConfiguration(places: DemoPlaces, timeline: Timeline): Promise<string> {
  const file = join(places.directory, 'recoverage.yaml');
  await writeFile(file, stringify(configuration(places, timeline), PLAIN));
  await writeFile(
    join(places.directory, 'attestations.yaml'),
    stringify({ attestations: attestations(timeline) }, PLAIN),
  );
  return file;
}

function configuration(places: DemoPlaces, timeline: Timeline) {
  // All places of the demo are directories of one machine.
  const attachedAs = 'a directory that stands for it in the demo';
  const copyDomain = { host: NAMES.copyHost, region: NAMES.region, attachedAs };
  return {
    version: 1,
    install: {
      host: NAMES.installHost,
      database: {
        name: NAMES.installDatabase,
        host: places.postgres.host,
        port: places.postgres.port,
        user: NAMES.auditor,
        password: `env:${SECRET_NAMES.password}`,
        tls: 'disable',
        failureDomain: { host: NAMES.installHost },
      },
      bootstrapFile: join(places.hostRoot, HOST_PATHS.bootstrap),
      stateDirectory: join(places.hostRoot, HOST_PATHS.state),
      runbook: places.runbook,
      runbookFailureDomain: { host: NAMES.copyHost, region: NAMES.region },
    },
    locations: [
      {
        name: NAMES.dumps,
        kind: 'directory',
        path: places.dumps,
        purposes: ['dumps'],
        timeZone: 'UTC',
        failureDomain: copyDomain,
      },
      {
        name: NAMES.secondDumps,
        kind: 'directory',
        path: places.secondDumps,
        purposes: ['dumps'],
        timeZone: 'UTC',
        failureDomain: { host: NAMES.secondCopyHost, region: NAMES.region, attachedAs },
      },
      {
        name: NAMES.files,
        kind: 'directory',
        path: places.files,
        purposes: ['files'],
        failureDomain: copyDomain,
        files: { completionMarker: COMPLETION_MARKER, sourceRoot: places.hostRoot },
      },
      {
        name: NAMES.snapshots,
        kind: 'directory',
        path: places.snapshots,
        purposes: ['vault-snapshots'],
        failureDomain: copyDomain,
      },
      {
        name: NAMES.installers,
        kind: 'directory',
        path: places.installers,
        purposes: ['installers'],
        failureDomain: copyDomain,
      },
    ],
    providers: [
      {
        id: NAMES.provider,
        kind: 'vault-transit',
        address: places.vaultAddress,
        mount: NAMES.mount,
        token: `env:${SECRET_NAMES.token}`,
        failureDomain: { host: NAMES.provider },
        snapshots: [NAMES.snapshots],
      },
    ],
    stores: {
      default: { kind: 'bundled', path: join(places.hostRoot, HOST_PATHS.bundled, '{organizationId}') },
    },
    policy: { rtoHours: 4 },
    collect: { depth: 'full', verification: { file: join(places.hostRoot, 'verifications.ndjson') } },
    exclusions: ORGANIZATIONS.filter((one) => one.excluded).map((one) => ({
      organization: one.id,
      reason: 'Sandbox without data of its own, made anew from a script',
      approver: 'Demo operator',
      expires: timeline.ago(-60 * DAY).slice(0, 10),
    })),
    report: { directory: places.reports },
  };
}

function attestations(timeline: Timeline) {
  const statement = (id: string, subject: string, what: string, owner: string) => ({
    id,
    subject,
    statement: what,
    owner,
    date: timeline.ago(30 * DAY).slice(0, 10),
    expires: timeline.ago(-300 * DAY).slice(0, 10),
  });
  return [
    statement('unseal-shares', `provider:${NAMES.provider}`, 'unseal-shares-held', 'Demo key custodians'),
    statement('key-policy', `provider:${NAMES.provider}`, 'key-policy-in-code', 'Demo key custodians'),
    statement('credentials', 'install', 'infrastructure-credentials-outside-host', 'Demo operator'),
    statement('runbook', 'install', 'runbook-reviewed', 'Demo operator'),
    statement('encryption', `location:${NAMES.dumps}`, 'encryption-at-rest', 'Demo storage team'),
    statement('encryption-second', `location:${NAMES.secondDumps}`, 'encryption-at-rest', 'Demo storage team'),
    statement('encryption-host', `host:${NAMES.installHost}`, 'encryption-at-rest', 'Demo storage team'),
    statement('offline', `location:${NAMES.secondDumps}`, 'offline-copy-kept', 'Demo storage team'),
    statement('offline-files', `location:${NAMES.files}`, 'offline-copy-kept', 'Demo storage team'),
  ];
}
