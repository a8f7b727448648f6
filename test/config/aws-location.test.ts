import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { loadConfig } from '../../src/config/load.ts';
import { scratchDirectory } from '../services/scratch.ts';

const scratch = scratchDirectory('aws-location');
afterAll(() => scratch[Symbol.dispose]());

async function load(location: string) {
  const file = join(scratch.path, 'recoverage.yaml');
  const database = '{ name: novantra, host: db.internal, user: recoverage }';
  await writeFile(file, `version: 1\ninstall: { host: h, database: ${database} }\nlocations:\n  - ${location}\n`);
  return loadConfig(file, { A: 'a', B: 'b' });
}

const AWS = 'name: managed, kind: aws, region: eu-central-1, accessKeyId: env:A, secretAccessKey: env:B';

async function mistakes(location: string): Promise<readonly string[]> {
  const error = await load(location).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConfigurationError)) throw new Error('the configuration was taken');
  return error.mistakes.map(({ path }) => path);
}

describe('a location of kind aws', () => {
  it('needs no volumes and no vaults', async () => {
    const { config } = await load(`{ ${AWS}, purposes: [managed-backups] }`);
    expect(config.locations[0]).toMatchObject({ kind: 'aws', volumes: [] });
  });

  it('names volumes of a server of the configuration', async () => {
    const volumes = (server: string) => `volumes: [{ server: ${server}, volumeIds: [vol-0123456789abcdef0] }]`;
    const { config } = await load(`{ ${AWS}, purposes: [managed-backups], ${volumes('install')} }`);
    expect(config.locations[0]).toMatchObject({ volumes: [{ atomic: false }] });
    expect(await mistakes(`{ ${AWS}, purposes: [managed-backups], ${volumes('nobody')} }`)).toEqual([
      'locations[0].volumes',
    ]);
  });

  it('holds managed backups and nothing else, and nothing else holds them', async () => {
    expect(await mistakes(`{ ${AWS}, purposes: [managed-backups, dumps] }`)).toContain('locations[0].purposes');
    expect(await mistakes('{ name: d, kind: directory, path: /srv, purposes: [managed-backups] }')).toEqual([
      'locations[0].purposes',
    ]);
  });

  it('takes no volume that is none, and no key but by reference', async () => {
    expect(
      await mistakes(`{ ${AWS}, purposes: [managed-backups], volumes: [{ server: install, volumeIds: [sda1] }] }`),
    ).toEqual(['locations[0].volumes[0].volumeIds[0]']);
    expect(await mistakes(`{ ${AWS.replace('env:B', 'plain')}, purposes: [managed-backups] }`)).toEqual([
      'locations[0].secretAccessKey',
    ]);
  });
});
