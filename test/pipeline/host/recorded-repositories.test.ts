import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import { readPhysicalLocations } from '../../../src/collect/backups/physical/read-physical.ts';
import type { OpenLocation } from '../../../src/collect/estate.ts';
import { recordedTree } from '../../../src/collect/recorded/recorded-location.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import type { HostPlanContent } from '../../../src/config/host-plan.ts';
import { locationSchema } from '../../../src/config/location-schema.ts';
import { Secret } from '../../../src/model/secret.ts';
import { collectHost } from '../../../src/pipeline/host/collect-host.ts';
import { joinHosts } from '../../../src/pipeline/host/join-hosts.ts';
import { BORG_PASSPHRASE, borgRepository, borgUnavailable } from '../../services/borg.ts';
import { RESTIC_PASSWORD, resticRepository, resticUnavailable } from '../../services/restic.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { hostCase, KEY } from './host-plan-case.ts';

const { signal } = new AbortController();
const SECRETS = { CASE_RESTIC: RESTIC_PASSWORD, CASE_BORG: BORG_PASSPHRASE };
const NAMES = { databases: ['tenant_acme', 'tenant_bolt'], servers: ['install', 'main'] };
const INSTALL = { databases: new Set(NAMES.databases), servers: new Set(NAMES.servers) };

const asker = createAsker(systemClock, [], signal);
const access = {
  asker,
  signal,
  secret: (_: string, reference: string) =>
    Promise.resolve(new Secret(SECRETS[reference.slice('env:'.length) as keyof typeof SECRETS] ?? '')),
};

/** One place read here, and by plan. */
async function both(scratch: string, settings: Record<string, unknown>, names: HostPlanContent['names'] = NAMES) {
  const config = locationSchema.parse({ kind: 'directory', name: 'place', reachableFrom: 'vault-room', ...settings });
  if (config.kind !== 'directory') throw new Error('it is a directory');
  const root = await mkdtemp(join(scratch, 'host-'));
  const host = await hostCase(root, {
    environment: SECRETS,
    change: (content) => ({ ...content, locations: [config], names }),
  });
  const file = join(root, 'host.ndjson');
  const outcome = await collectHost({
    planFile: host.planFile,
    file,
    environment: host.environment,
    digestKey: 'env:HOST_CASE_KEY',
    signal,
  });
  const joined = await joinHosts(host.loaded, [file], KEY, systemClock());
  const recorded = joined.location('place');
  if (recorded === null) throw new Error('it was not recorded');
  const subject = { kind: 'location', key: 'place', organizationId: null, name: 'place' } as const;
  const open = { config, subject, blindSpot: null, bucket: null, clockOffsetMillis: () => null };
  const contents = async (location: OpenLocation) =>
    (await readPhysicalLocations(access, [location], INSTALL)).map((one) => one.contents);
  return {
    outcome,
    here: await contents({ ...open, tree: localDirectoryTree({ root: config.path }) }),
    there: await contents({ ...open, tree: recordedTree(recorded) }),
  };
}

/** What was looked for is said of what was read elsewhere, and of nothing else. */
const lookedFor = { databasesLookedFor: new Set(NAMES.databases) };

describe('what a place of copies holds that was read by plan', () => {
  it.skipIf(resticUnavailable() !== null)('is what reading it here gives: a repository of restic', async () => {
    await using scratch = scratchDirectory('by-plan');
    await mkdir(join(scratch.path, 'source'));
    await writeFile(join(scratch.path, 'source/tenant_acme.dump'), 'a dump');
    await writeFile(join(scratch.path, 'source/others.sql'), 'of nobody');
    const { root, backup } = await resticRepository(scratch.path);
    await backup(join(scratch.path, 'source'), '2026-11-21 02:00:00');
    const settings = { path: root, purposes: ['restic'], restic: { password: 'env:CASE_RESTIC' } };
    const { here, there } = await both(scratch.path, settings);
    expect(here[0]?.files).toMatchObject([{ claimedName: 'tenant_acme' }]);
    expect(there).toEqual(here.map((one) => ({ ...one, ...lookedFor })));
    // A plan that names no database was written before there was need of it: nobody looked.
    const old = await both(scratch.path, settings, null);
    expect(old.there).toMatchObject([{ copies: [], blindSpot: { reason: 'unsupported' } }]);
  });

  it.skipIf(borgUnavailable() !== null)('is what reading it here gives: a repository of Borg', async () => {
    await using scratch = scratchDirectory('by-plan');
    await mkdir(join(scratch.path, 'source'));
    await writeFile(join(scratch.path, 'source/tenant_bolt.dump'), 'a dump');
    const { root, create } = await borgRepository(scratch.path);
    await create('nightly', scratch.path, 'source', '2026-11-21T02:00:00');
    const settings = { path: root, purposes: ['borg'], borg: { passphrase: 'env:CASE_BORG' } };
    const { here, there } = await both(scratch.path, settings);
    expect(here[0]?.files).toMatchObject([{ claimedName: 'tenant_bolt' }]);
    expect(there).toEqual(here.map((one) => ({ ...one, ...lookedFor })));
  });

  it('is what reading it here gives: listings of ZFS, LVM and Btrfs', async () => {
    await using scratch = scratchDirectory('by-plan');
    const created = new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000);
    const local = created.toISOString().slice(0, 19).replace('T', ' ');
    const listings = {
      zfs: { text: `tank/pg@daily\t${created.getTime() / 1000}\t100\t7\n`, source: 'tank/pg' },
      lvm: {
        text: JSON.stringify({
          report: [
            {
              lv: [
                {
                  lv_name: 'pg-snap',
                  vg_name: 'vg0',
                  origin: 'pg',
                  lv_time: `${local} +0000`,
                  lv_attr: 'swi-a-s---',
                  lv_size: '1024',
                  data_percent: '1.00',
                },
              ],
            },
          ],
        }),
        source: 'vg0/pg',
      },
      btrfs: {
        text: `ID 260 gen 90 cgen 90 top level 5 otime ${local} parent_uuid 11111111-1111-4111-8111-111111111111 uuid 22222222-2222-4222-8222-222222222222 path snap/pg\n`,
        source: '11111111-1111-4111-8111-111111111111',
      },
    };
    for (const [format, { text, source }] of Object.entries(listings)) {
      const path = join(scratch.path, format);
      await mkdir(path);
      await writeFile(join(path, 'listing'), text);
      const { here, there } = await both(scratch.path, {
        path,
        purposes: ['filesystem-snapshots'],
        timeZone: 'UTC',
        failureDomain: { host: 'db1' },
        filesystemSnapshots: { listing: 'listing', format, sources: [source], server: 'main', holdsEverything: true },
      });
      expect(here[0]?.copies.length, format).toBe(1);
      expect(there, format).toEqual(here);
    }
  });

  it('is what reading it here gives: an inventory, and a recorded output of pgbackrest info', async () => {
    await using scratch = scratchDirectory('by-plan');
    const now = systemClock();
    const path = join(scratch.path, 'lists');
    await mkdir(path);
    const rows = [
      `tenant_acme,,${now},tape,safe,Operations,${now}`,
      `tenant_other,,${now},tape,safe,Operations,${now}`,
    ];
    await writeFile(
      join(path, 'copies.csv'),
      `database,server,moment,method,where,owner,recordedAt\n${rows.join('\n')}\nbroken\n`,
    );
    const inventory = await both(scratch.path, {
      path,
      purposes: ['inventory'],
      inventory: { file: 'copies.csv', format: 'csv' },
    });
    expect(inventory.here[0]).toMatchObject({
      stated: [{ database: 'tenant_acme' }],
      blindSpot: { reason: 'malformed' },
    });
    expect(inventory.there).toEqual(inventory.here.map((one) => ({ ...one, ...lookedFor })));
    expect(inventory.outcome.blindSpots).toEqual([expect.stringContaining('1 mistake')]);

    await writeFile(join(path, 'info.json'), '[]');
    const info = await both(scratch.path, { path, purposes: ['pgbackrest'], pgbackrest: { info: 'info.json' } });
    expect(info.there).toEqual(info.here);
  });
});
