import { cp, mkdir, readdir, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY, HOUR, type Instant, toInstant, toMillis } from '../../src/model/instant.ts';
import { awsStub, type Script } from '../collect/backups/physical/aws/aws-stub.ts';
import { type ScriptedServer, scriptedServer } from '../collect/conformance/scripted-server.ts';
import { barmanUnavailable, startBarman } from '../services/barman.ts';
import { pgBackRestUnavailable, startBackedUpCluster } from '../services/pgbackrest.ts';
import { startDebianPostgres } from '../services/postgres-debian.ts';
import { freePort } from '../services/scratch.ts';
import type { VaultServer } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES, SECRETS, STAND_IN } from './install-configuration.ts';
import { nightlyPlan } from './install-rows.ts';
import { prepareVault } from './install-vault.ts';
import { organizationNamed } from './organizations.ts';

/** The ways in which databases of the install are backed up. */
export const METHODS = ['pgbackrest', 'barman', 'dumps', 'rds', 'inventory'] as const;
export type Method = (typeof METHODS)[number];

/**
 * How a way of backing up is switched off, in all of its places at once or in the second only. A repository that was
 * emptied is as its tool made it, one that was wiped is a directory without a file.
 */
export type SwitchedOff = 'removed' | 'emptied' | 'wiped' | 'unreachable' | 'unreadable' | 'second emptied';

/** Organizations by the only way in which their databases are backed up. */
export const ORGANIZATIONS: Readonly<Record<Method, readonly string[]>> = {
  pgbackrest: ['alder'],
  barman: ['briar'],
  dumps: ['clover', 'daisy', 'elder'],
  rds: ['fennel'],
  inventory: ['gorse'],
};

/** Names of their servers: places of one are then no business of the others. */
const SERVERS = {
  pgbackrest: 'under-pgbackrest',
  barman: 'under-barman',
  dumps: 'dumped',
  rds: 'managed',
  inventory: 'under-an-appliance',
} as const;
/** The other servers are at 127.0.0.1: copies of managed instances are told apart by the address alone. */
const MANAGED_HOST = 'localhost';
const SECOND_HOST = 'second-backup-host';
const REGIONS = ['eu-central-1', 'eu-west-1'] as const;
const SETTINGS = { autovacuum: 'off' };

type LocationInput = NonNullable<ConfigurationInput['locations']>[number];

/** A real install of which every part is backed up in its own way. Disposal ends its servers and removes its files. */
export interface MixedInstall extends AsyncDisposable {
  readonly install: Install;
  /** A configuration that names every place. */
  readonly configFile: string;
  /** Switches one way of backing up off and writes a configuration; disposal switches it on again. */
  readonly switchedOff: (
    method: Method,
    how: SwitchedOff,
  ) => Promise<AsyncDisposable & { readonly configFile: string }>;
}

/** Why it cannot be built here, or null. */
export function mixedInstallUnavailable(): string | null {
  return pgBackRestUnavailable() ?? barmanUnavailable();
}

/**
 * Builds the install, with one copy of each database in two places, or one row of the inventory.
 *
 * @param vault a Vault for its keys, or null where there is none: then nothing is known of keys
 */
export async function buildMixedInstall(vault: VaultServer | null): Promise<MixedInstall> {
  await using cleanup = new AsyncDisposableStack();
  const backedUp = cleanup.use(await startBackedUpCluster({ stanza: 'main', repositories: [{}] }));
  const barman = cleanup.use(await startBarman());
  const started = () => startDebianPostgres({ settings: SETTINGS });
  const [managed, dumped, appliance] = await Promise.all([started(), started(), started()]);
  for (const one of [managed, dumped, appliance]) cleanup.use(one);
  const now = toInstant(Date.now());
  const own = (slug: string, method: string) =>
    nightlyPlan(`nightly-${slug}`, 'tenant-database', now, { organization_id: organizationNamed(slug).id, method });
  const organizations = METHODS.flatMap((method) => ORGANIZATIONS[method]).map((slug) => organizationNamed(slug));
  const install = cleanup.use(
    await buildInstall({
      organizations,
      ...(vault === null ? {} : { vault: await prepareVault(vault, organizations) }),
      elsewhere: new Map([
        ['alder', { host: backedUp.server.host, server: backedUp.server }],
        ['briar', { host: barman.postgres.host, server: barman.postgres }],
        ['fennel', { host: MANAGED_HOST, server: managed }],
        ['gorse', { host: appliance.host, server: appliance }],
        ...ORGANIZATIONS.dumps.map((slug) => [slug, { host: dumped.host, server: dumped }] as const),
      ]),
      plans: [
        nightlyPlan('install', 'install-database', now),
        ...ORGANIZATIONS.dumps.map((slug) => own(slug, 'pg_dump')),
        own('alder', 'pgbackrest'),
        own('briar', 'Barman'),
      ],
      dumped: ORGANIZATIONS.dumps,
    }),
  );
  await vault?.snapshot(join(install.directories.snapshots, 'vault.snap'));
  const asMade = (name: string) => join(install.directories.root, 'as-made', name);
  await cp(backedUp.repositories[0] ?? '', asMade('pgbackrest'), { recursive: true, preserveTimestamps: true });
  await cp(barman.home, asMade('barman'), { recursive: true, preserveTimestamps: true });
  await backedUp.backup('full', 1);
  await backedUp.archiveSegment();
  await barman.backup();
  await barman.switchWal();

  const place = (name: string) => join(install.directories.root, NAMES.backupHost, name);
  const installDumps = place('install-dumps');
  await mkdir(installDumps);
  await rename(join(install.directories.dumps, NAMES.installDatabase), join(installDumps, NAMES.installDatabase));
  const directories = {
    pgbackrest: backedUp.repositories[0] ?? '',
    barman: barman.home,
    dumps: install.directories.dumps,
    inventory: place('inventory'),
    'install-dumps': installDumps,
  } as const;
  const second = (name: string) => join(install.directories.root, SECOND_HOST, name);
  for (const name of ['pgbackrest', 'barman', 'dumps', 'install-dumps'] as const) {
    await cp(directories[name], second(name), { recursive: true, preserveTimestamps: true });
  }
  await mkdir(directories.inventory);
  await writeFile(join(directories.inventory, 'copies.csv'), inventoryOf(now));
  const accounts: ScriptedServer[] = [];
  const taken = toInstant(Date.now());
  for (const region of REGIONS)
    accounts.push(cleanup.use(await scriptedServer(awsStub(awsAnswers(region, taken, managed.port)))));

  const directory = (
    name: string,
    path: string,
    host: string,
    purpose: LocationInput['purposes'][number],
    server: string,
  ) =>
    ({
      name,
      kind: 'directory',
      path,
      purposes: [purpose],
      timeZone: 'UTC',
      servers: [server],
      failureDomain: { host, attachedAs: STAND_IN },
      ...(purpose === 'inventory' ? { inventory: { file: 'copies.csv', format: 'csv' as const } } : {}),
    }) as const satisfies LocationInput;
  const inTwoPlaces = (name: keyof typeof directories, purpose: LocationInput['purposes'][number], server: string) => [
    directory(name, directories[name], NAMES.backupHost, purpose, server),
    directory(`${name}-second`, second(name), SECOND_HOST, purpose, server),
  ];
  const account = (index: 0 | 1, endpoint: string): LocationInput => ({
    name: index === 0 ? 'rds' : 'rds-second',
    kind: 'aws',
    region: REGIONS[index],
    endpoint,
    accessKeyId: `env:${SECRETS.password}`,
    secretAccessKey: `env:${SECRETS.password}`,
    purposes: ['managed-backups'],
    servers: [SERVERS.rds],
    failureDomain: { account: ACCOUNT, region: REGIONS[index] },
  });
  const accountsAt = (endpoints: readonly string[]) => [
    account(0, endpoints[0] ?? ''),
    account(1, endpoints[1] ?? endpoints[0] ?? ''),
  ];
  const locations: Readonly<Record<Method, readonly LocationInput[]>> = {
    pgbackrest: inTwoPlaces('pgbackrest', 'pgbackrest', SERVERS.pgbackrest),
    barman: inTwoPlaces('barman', 'barman', SERVERS.barman),
    dumps: inTwoPlaces('dumps', 'dumps', SERVERS.dumps),
    rds: accountsAt(accounts.map(({ address }) => address)),
    inventory: [directory('inventory', directories.inventory, NAMES.backupHost, 'inventory', SERVERS.inventory)],
  };
  const server = (name: string, host: string, port: number, domain: { host: string } | { account: string }) =>
    ({
      name,
      host,
      port,
      user: NAMES.auditor,
      password: `env:${SECRETS.password}`,
      tls: 'disable',
      failureDomain: domain,
    }) as const;
  const lost = { host: NAMES.installHost };
  const configured = (change: Partial<Record<Method, readonly LocationInput[]>>) =>
    install.variant((configuration) => ({
      ...configuration,
      servers: [
        server(SERVERS.pgbackrest, backedUp.server.host, backedUp.server.port, lost),
        server(SERVERS.barman, barman.postgres.host, barman.postgres.port, lost),
        server(SERVERS.dumps, dumped.host, dumped.port, lost),
        server(SERVERS.inventory, appliance.host, appliance.port, lost),
        server(SERVERS.rds, MANAGED_HOST, managed.port, { account: ACCOUNT }),
      ],
      locations: [
        ...(configuration.locations ?? []).filter(({ name }) => name !== NAMES.dumps),
        ...inTwoPlaces('install-dumps', 'dumps', 'install'),
        ...METHODS.flatMap((method) => change[method] ?? locations[method]),
      ],
    }));

  const pathsOf = (method: Method, how: SwitchedOff): readonly string[] => {
    if (method === 'rds') return [];
    const all = method === 'inventory' ? [directories.inventory] : [directories[method], second(method)];
    return how === 'second emptied' ? all.slice(1) : all;
  };
  const owned = cleanup.move();
  return {
    install,
    configFile: await configured({}),
    async switchedOff(method, how) {
      await using undo = new AsyncDisposableStack();
      const change: Partial<Record<Method, readonly LocationInput[]>> = {};
      if (how === 'removed') change[method] = [];
      else if (method === 'rds') {
        const stub =
          how === 'unreachable' ? null : undo.use(await scriptedServer(awsStub(answersOff(managed.port)[how])));
        const off = stub?.address ?? `http://127.0.0.1:${await freePort()}`;
        change.rds = how === 'second emptied' ? accountsAt([accounts[0]?.address ?? '', off]) : accountsAt([off]);
      } else {
        for (const path of pathsOf(method, how)) {
          const aside = `${path}.aside`;
          await rename(path, aside);
          undo.defer(async () => {
            if (how !== 'unreachable') await rename(path, `${path}.off-${Date.now()}`);
            await rename(aside, path);
          });
          if (how === 'unreachable') continue;
          const isEmptied = how === 'emptied' || how === 'second emptied';
          if (how === 'unreadable') await cp(aside, path, { recursive: true, preserveTimestamps: true });
          else if (isEmptied && (method === 'pgbackrest' || method === 'barman')) {
            await cp(asMade(method), path, { recursive: true, preserveTimestamps: true });
          } else await mkdir(path);
          if (how === 'unreadable') await spoil(path, method);
          if (isEmptied && method === 'inventory') await writeFile(join(path, 'copies.csv'), COLUMNS);
        }
      }
      const configFile = await configured(change);
      const undoing = undo.move();
      return { configFile, [Symbol.asyncDispose]: () => undoing.disposeAsync() };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const COLUMNS = 'database,server,moment,method,where,complete,owner,recordedAt\n';

function inventoryOf(now: Instant): string {
  const at = toInstant(toMillis(now) - 2 * HOUR);
  return `${COLUMNS}tenant_gorse,${SERVERS.inventory},${at},backup appliance,tape 7,true,Test operator,${now}\n`;
}

/** Spoils what a tool keeps its list of copies in, or the copies where there is no list. */
async function spoil(root: string, method: Exclude<Method, 'rds'>): Promise<void> {
  const names = await readdir(root, { recursive: true });
  const spoilt = {
    pgbackrest: /backup\.info(\.copy)?$/,
    barman: /backup\.info$/,
    dumps: /\.dump$/,
    inventory: /\.csv$/,
  }[method];
  for (const name of names.filter((one) => spoilt.test(one))) {
    if (method === 'dumps') await truncate(join(root, name), 300);
    else await writeFile(join(root, name), 'this is nothing that was ever written here\n');
  }
}

const ACCOUNT = '111122223333';

/** What RDS tells in the shapes of its documentation: the instance in the first region, copied snapshots in the second. */
function awsAnswers(region: (typeof REGIONS)[number], now: Instant, port: number, withCopies = true): Script {
  const ago = (millis: number) => toInstant(toMillis(now) - millis);
  const isHome = region === REGIONS[0];
  const instance = {
    DBInstanceIdentifier: 'fennel',
    DBInstanceArn: `arn:aws:rds:${region}:${ACCOUNT}:db:fennel`,
    DbiResourceId: 'db-FENNEL',
    Engine: 'postgres',
    EngineVersion: '15.8',
    Endpoint: { Address: MANAGED_HOST, Port: port },
    InstanceCreateTime: ago(200 * DAY),
    BackupRetentionPeriod: withCopies ? 14 : 0,
    AllocatedStorage: 20,
    StorageEncrypted: true,
  };
  const snapshot = {
    DBSnapshotIdentifier: 'nightly',
    DBSnapshotArn: `arn:aws:rds:${region}:${ACCOUNT}:snapshot:nightly`,
    DBInstanceIdentifier: 'fennel',
    DbiResourceId: 'db-FENNEL',
    Engine: 'postgres',
    EngineVersion: '15.8',
    SnapshotType: isHome ? 'automated' : 'manual',
    Status: 'available',
    // The keys of this install are made with it: a copy that is older than they are would need others.
    SnapshotCreateTime: now,
    OriginalSnapshotCreateTime: now,
    Encrypted: true,
    AllocatedStorage: 20,
  };
  const window = {
    DBInstanceArn: instance.DBInstanceArn,
    DBInstanceIdentifier: 'fennel',
    DbiResourceId: 'db-FENNEL',
    DBInstanceAutomatedBackupsArn: `arn:aws:rds:${region}:${ACCOUNT}:auto-backup:ab-1`,
    Engine: 'postgres',
    EngineVersion: '15.8',
    Status: 'active',
    Encrypted: true,
    AllocatedStorage: 20,
    RestoreWindow: { EarliestTime: ago(14 * DAY), LatestTime: now },
  };
  return {
    ...(isHome ? { DescribeDBInstances: { DBInstances: { DBInstance: [instance] } } } : {}),
    ...(isHome && withCopies
      ? { DescribeDBInstanceAutomatedBackups: { DBInstanceAutomatedBackups: { DBInstanceAutomatedBackup: [window] } } }
      : {}),
    ...(withCopies
      ? {
          DescribeDBSnapshots: (_token, { body }) =>
            new URLSearchParams(body).has('SnapshotType') ? {} : { DBSnapshots: { DBSnapshot: [snapshot] } },
        }
      : {}),
  };
}

const answersOff = (port: number): Readonly<Record<Exclude<SwitchedOff, 'removed' | 'unreachable'>, Script>> => ({
  emptied: awsAnswers(REGIONS[0], toInstant(Date.now()), port, false),
  unreadable: { DescribeDBInstances: { error: 'AccessDenied' }, DescribeDBSnapshots: { error: 'AccessDenied' } },
  'second emptied': {},
  wiped: {},
});
