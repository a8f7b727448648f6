import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { z } from 'zod';
import type { configSchema } from '../../src/config/schema.ts';
import { DAY, toInstant } from '../../src/model/instant.ts';

/** The configuration as its file states it, before defaults. */
export type ConfigurationInput = z.input<typeof configSchema>;

/** The Vault of an install, which the caller starts and stops. */
export interface InstallVault {
  readonly address: string;
  readonly token: string;
  /** Path of the transit secrets engine. */
  readonly mount: string;
  readonly caFile?: string;
}

/** Directories of an install. `hostRoot` stands for `/` of the install host; the others are declared on another host. */
export interface InstallDirectories {
  readonly root: string;
  readonly hostRoot: string;
  readonly dumps: string;
  /** A second place for the dumps, on a third host; null: there is none. */
  readonly secondDumps: string | null;
  readonly files: string;
  readonly snapshots: string;
  readonly installers: string;
  readonly runbook: string;
  readonly reports: string;
}

export const NAMES = {
  installHost: 'install-host',
  backupHost: 'backup-host',
  region: 'region-1',
  installDatabase: 'novantra',
  auditor: 'recoverage_audit',
  provider: 'vault-main',
  dumps: 'dumps',
  secondHost: 'second-host',
  secondDumps: 'second-dumps',
  files: 'files',
  snapshots: 'vault-snapshots',
  installers: 'installers',
} as const;

export const SECRETS = { password: 'E2E_DATABASE_PASSWORD', token: 'E2E_VAULT_TOKEN' } as const;
export const COMPLETION_MARKER = 'COMPLETE';

/** How directories of this machine stand for other hosts. */
export const STAND_IN = 'a directory that stands for it in tests';

/** A complete configuration that states every failure domain. */
export function installConfiguration(
  directories: InstallDirectories,
  server: { readonly host: string; readonly port: number },
  vault: InstallVault | null,
): ConfigurationInput {
  const elsewhere = { host: NAMES.backupHost, region: NAMES.region, attachedAs: STAND_IN };
  return {
    version: 1,
    install: {
      host: NAMES.installHost,
      database: {
        name: NAMES.installDatabase,
        host: server.host,
        port: server.port,
        user: NAMES.auditor,
        password: `env:${SECRETS.password}`,
        tls: 'disable',
        failureDomain: { host: NAMES.installHost },
      },
      bootstrapFile: join(directories.hostRoot, 'etc/novantra/bootstrap.env'),
      stateDirectory: join(directories.hostRoot, 'var/lib/novantra/onprem'),
      runbook: directories.runbook,
      runbookFailureDomain: { host: NAMES.backupHost },
    },
    locations: [
      {
        name: NAMES.dumps,
        kind: 'directory',
        path: directories.dumps,
        purposes: ['dumps'],
        timeZone: 'UTC',
        failureDomain: elsewhere,
      },
      ...(directories.secondDumps === null
        ? []
        : [
            {
              name: NAMES.secondDumps,
              kind: 'directory' as const,
              path: directories.secondDumps,
              purposes: ['dumps' as const],
              timeZone: 'UTC',
              failureDomain: { host: NAMES.secondHost, region: NAMES.region, attachedAs: STAND_IN },
            },
          ]),
      {
        name: NAMES.files,
        kind: 'directory',
        path: directories.files,
        purposes: ['files'],
        failureDomain: elsewhere,
        files: { completionMarker: COMPLETION_MARKER, sourceRoot: directories.hostRoot },
      },
      {
        name: NAMES.installers,
        kind: 'directory',
        path: directories.installers,
        purposes: ['installers'],
        failureDomain: elsewhere,
      },
      ...(vault === null
        ? []
        : [
            {
              name: NAMES.snapshots,
              kind: 'directory' as const,
              path: directories.snapshots,
              purposes: ['vault-snapshots' as const],
              failureDomain: elsewhere,
            },
          ]),
    ],
    providers:
      vault === null
        ? []
        : [
            {
              id: NAMES.provider,
              kind: 'vault-transit',
              address: vault.address,
              mount: vault.mount,
              token: `env:${SECRETS.token}`,
              ...(vault.caFile === undefined ? {} : { caFile: vault.caFile }),
              failureDomain: { host: 'vault-host' },
              snapshots: [NAMES.snapshots],
            },
          ],
    stores: {
      default: { kind: 'bundled', path: join(directories.hostRoot, 'srv/novantra/storage/{organizationId}') },
    },
    policy: { rtoHours: 4 },
    report: { directory: directories.reports },
  };
}

/** Writes a configuration. Anchors and aliases are not allowed in it. */
export async function writeConfiguration(file: string, configuration: ConfigurationInput): Promise<void> {
  await writeFile(file, stringify(configuration, { aliasDuplicateObjects: false }));
}

/** Everything that must be declared for a well-run install. */
export async function writeAttestations(
  directory: string,
  declared: {
    readonly withVault: boolean;
    readonly withSecondDumps: boolean;
    /** Further locations whose disks are encrypted. */
    readonly encrypted?: readonly string[];
  },
): Promise<void> {
  const { withVault, withSecondDumps, encrypted = [] } = declared;
  const day = (days: number) => toInstant(Date.now() - days * DAY).slice(0, 10);
  const about = (id: string, subject: string, statement: string) => ({
    id,
    subject,
    statement,
    owner: 'Test operator',
    date: day(30),
    expires: day(-300),
  });
  const attestations = [
    about('credentials', 'install', 'infrastructure-credentials-outside-host'),
    { ...about('runbook', 'install', 'runbook-reviewed'), date: day(0) },
    about('roles', 'install', 'roles-in-code'),
    about('encryption-host', `host:${NAMES.installHost}`, 'encryption-at-rest'),
    about('offline-files', `location:${NAMES.files}`, 'offline-copy-kept'),
    about('encryption', `location:${NAMES.dumps}`, 'encryption-at-rest'),
    ...encrypted.map((name) => about(`encryption-${name}`, `location:${name}`, 'encryption-at-rest')),
    ...(withSecondDumps ? [about('encryption-second', `location:${NAMES.secondDumps}`, 'encryption-at-rest')] : []),
    ...(withSecondDumps ? [about('offline', `location:${NAMES.secondDumps}`, 'offline-copy-kept')] : []),
    ...(withVault ? [about('shares', `provider:${NAMES.provider}`, 'unseal-shares-held')] : []),
    ...(withVault ? [about('key-policy', `provider:${NAMES.provider}`, 'key-policy-in-code')] : []),
  ];
  await writeFile(join(directory, 'attestations.yaml'), stringify({ attestations }));
}
