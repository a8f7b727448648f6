import { randomBytes } from 'node:crypto';
import { cp, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY, type Instant, toMillis } from '../model/instant.ts';
import { SECRET_NAMES, writeConfiguration } from './configuration.ts';
import { type DemoPostgres, startDemoPostgres } from './demo-postgres.ts';
import { writeDumpRuns, writeRealDumps } from './dump-runs.ts';
import { fillDatabases, insert } from './fill-databases.ts';
import { storageBelowRoot, writeFileCopies, writeHostFiles } from './host-files.ts';
import { installRows, type WrappingKey, wrappingKeys } from './install-rows.ts';
import { writeInstaller, writeRunbook } from './kept-for-rebuild.ts';
import { writeLeftovers } from './leftovers.ts';
import { NAMES, ORGANIZATIONS } from './organizations.ts';
import { PLANTED_GAPS, type PlantedGap } from './planted-gaps.ts';
import type { PostgresPrograms } from './postgres-programs.ts';
import { raftSnapshot } from './raft-snapshot.ts';
import { realDump, usablePgDump } from './real-dumps.ts';
import { type ReferenceSchema, referenceSchema } from './reference-schema.ts';
import { STAND_IN_VERSION, startStandInVault } from './stand-in-vault.ts';
import type { Row } from './table-rows.ts';
import { tenantRows } from './tenant-rows.ts';
import { demoTimeline, type Timeline } from './timeline.ts';

export interface DemoInstallOptions {
  /** Absolute path of a directory for the install; removed by {@link DemoInstall.stop}. */
  readonly directory: string;
  /** Absolute path for the reports, outside of it; goes into the configuration. */
  readonly reports: string;
  /** Everything is dated relative to this. */
  readonly now: Instant;
  readonly signal: AbortSignal;
  /** `stand-in` makes every dump a stand-in, so that only `now` decides what is in it. Default: the newest are real where pg_dump is new enough. */
  readonly dumps?: 'stand-in' | 'real-where-possible';
  /** A PostgreSQL in place of that of the npm package. */
  readonly programs?: PostgresPrograms;
}

/** A running install that can be audited. */
export interface DemoInstall {
  readonly configFile: string;
  /** Secrets by the names of environment variables under which the configuration refers to them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly planted: readonly PlantedGap[];
  /** Whether the newest dumps were made by pg_dump. */
  readonly realDumps: boolean;
  /** Ends its servers and removes its files. */
  stop(): Promise<void>;
}

const MOUNT_UUID = '5ca1ab1e-0000-4000-8000-000000000001';
const SERVER_ID = 'stand-in-vault-1';
const RAFT_INDEX = 4200;

/**
 * Builds a multi-tenant install with real databases on an embedded PostgreSQL, stand-ins for what a demo cannot have
 * (a second host, a Vault), and the planted gaps. Nothing is fetched from the network.
 *
 * @throws DemoUnavailableError when this machine cannot run the server
 */
export async function buildDemoInstall(options: DemoInstallOptions): Promise<DemoInstall> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    const ends = await Promise.allSettled(started.splice(0).map((end) => end()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };
  try {
    return { ...(await build(options, (end) => started.push(end))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  options: DemoInstallOptions,
  atEnd: (end: () => Promise<void>) => void,
): Promise<Omit<DemoInstall, 'stop'>> {
  const { directory, signal } = options;
  const timeline = demoTimeline(options.now);
  const keys = wrappingKeys(timeline);
  const token = randomBytes(18).toString('base64url');
  const password = randomBytes(18).toString('base64url');
  await mkdir(directory, { recursive: true });
  atEnd(() => rm(directory, { recursive: true, force: true }));
  const postgres = await startDemoPostgres(signal, options.programs);
  atEnd(() => postgres.stop());
  const vault = await startStandInVault({
    token,
    mount: NAMES.mount,
    mountUuid: MOUNT_UUID,
    serverId: SERVER_ID,
    raftIndex: RAFT_INDEX,
    keys,
  });
  atEnd(() => vault.stop());
  const places = {
    directory,
    hostRoot: join(directory, NAMES.installHost),
    dumps: join(directory, NAMES.copyHost, 'dumps'),
    secondDumps: join(directory, NAMES.secondCopyHost, 'dumps'),
    files: join(directory, NAMES.copyHost, 'files'),
    snapshots: join(directory, NAMES.copyHost, 'vault-snapshots'),
    installers: join(directory, NAMES.copyHost, 'installers'),
    runbook: join(directory, 'runbook.md'),
    reports: options.reports,
    postgres,
    vaultAddress: vault.address,
  };
  const schema = await referenceSchema();
  const rowsAsOf = (asOf: Instant, runs: readonly Row[]) =>
    installRows({ timeline, runs, asOf, storagePath: (one) => join(places.hostRoot, storageBelowRoot(one)) });
  const version = await serverVersion(postgres);
  const pgDump = options.dumps === 'stand-in' ? null : await usablePgDump(version);
  const runs = await writeDumpRuns({
    directory: places.dumps,
    timeline,
    schema,
    serverVersion: version,
    lastNightIsReal: pgDump !== null,
    installRows: rowsAsOf,
    signal,
  });
  await fillDatabases(postgres, databases(schema, timeline, rowsAsOf(options.now, runs)), password, signal);
  if (pgDump !== null) {
    const dump = (name: string, into: string) => realDump(pgDump, postgres, name, into, signal);
    const rows = await writeRealDumps(places.dumps, timeline, dump);
    await postgres.inDatabase(NAMES.installDatabase, (client) => insert(client, { backup_runs: rows }));
  }
  await writeLeftovers(places.dumps, timeline, { schema, serverVersion: version });
  await cp(places.dumps, places.secondDumps, { recursive: true, preserveTimestamps: true });
  await writeHostFiles(places.hostRoot, timeline, signal);
  await writeFileCopies(places.files, timeline, signal);
  await writeSnapshots(places.snapshots, timeline, keys);
  await writeInstaller(places.installers);
  await writeRunbook(places.runbook, timeline.ago(45 * DAY));
  const configFile = await writeConfiguration(places, timeline);
  signal.throwIfAborted();
  return {
    configFile,
    environment: { [SECRET_NAMES.password]: password, [SECRET_NAMES.token]: token },
    planted: PLANTED_GAPS,
    realDumps: pgDump !== null,
  };
}

function databases(schema: ReferenceSchema, timeline: Timeline, install: ReturnType<typeof installRows>) {
  return [
    { name: NAMES.installDatabase, definitions: schema.install, rows: install },
    ...ORGANIZATIONS.map((one) => ({
      name: one.database,
      definitions: schema.tenant,
      rows: tenantRows(one, timeline, timeline.now),
    })),
  ];
}

function serverVersion(server: DemoPostgres): Promise<string> {
  return server.inDatabase('postgres', async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? '';
  });
}

async function writeSnapshots(directory: string, timeline: Timeline, keys: readonly WrappingKey[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [index, takenAt] of timeline.snapshots.entries()) {
    const file = join(directory, `stand-in-vault-${takenAt.slice(0, 10)}.snap`);
    const time = new Date(toMillis(takenAt));
    await writeFile(
      file,
      raftSnapshot({
        takenAt,
        raftIndex: RAFT_INDEX - 100 * (timeline.snapshots.length - index),
        serverId: SERVER_ID,
        mountUuid: MOUNT_UUID,
        keyNames: keys.filter((key) => key.created.some((at) => at <= takenAt)).map((key) => key.name),
        vaultVersion: STAND_IN_VERSION,
      }),
    );
    await utimes(file, time, time);
  }
}
