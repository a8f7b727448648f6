import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import type { Collection } from '../../src/collect/estate.ts';
import { secretSourceEvidence } from '../../src/collect/secret-sources.ts';
import { configSchema } from '../../src/config/schema.ts';
import { referencesIn } from '../../src/pipeline/secret-references.ts';
import { INSTALL } from '../evaluate/fixture.ts';

/** As the configuration file has it: everything that refers to a secret, by variable and by file, here and elsewhere. */
const CONFIGURATION = {
  version: 1,
  digestKey: 'file:../keys/digest',
  install: {
    host: 'install-1',
    database: { name: 'novantra', host: 'db', user: 'recoverage_ro', password: 'file:/etc/recoverage/database' },
  },
  stores: {
    s3: [{ bucket: 'acme', region: 'eu-central-1', accessKeyId: 'env:S3_ID', secretAccessKey: 'file:s3.secret' }],
  },
  locations: [
    { name: 'here', kind: 'directory', path: '/mnt/a', purposes: ['restic'], restic: { password: 'file:restic' } },
    {
      name: 'there',
      kind: 'directory',
      path: '/mnt/b',
      purposes: ['borg'],
      reachableFrom: 'backup-1',
      borg: { passphrase: 'file:/etc/borg' },
    },
    {
      name: 'on-install',
      kind: 'directory',
      path: '/mnt/c',
      purposes: ['restic'],
      reachableFrom: 'INSTALL-1',
      restic: { password: 'file:/etc/restic' },
    },
  ],
  providers: [
    { id: 'vault', kind: 'vault-transit', address: 'https://vault:8200', token: 'env:VAULT_TOKEN' },
    { id: 'far', kind: 'vault-transit', address: 'https://far:8200', token: 'file:/run/far', reachableFrom: 'room' },
  ],
};

function sources(collectorRunsHere: boolean) {
  const config = configSchema.parse({
    ...CONFIGURATION,
    install: { ...CONFIGURATION.install, collectorRunsHere },
  });
  const collection = {
    config,
    configFile: '/etc/recoverage/conf.d/recoverage.yaml',
    references: referencesIn(config),
    asker: createAsker(systemClock, [], new AbortController().signal),
  } as unknown as Collection;
  return secretSourceEvidence(collection, INSTALL);
}

/** Setting, where from, and whether that is the install host. */
const told = (collectorRunsHere: boolean) =>
  sources(collectorRunsHere).items.map((item) => {
    if (!('onInstallHost' in item) || !('setting' in item)) throw new Error('it is no source of a secret');
    return `${item.setting}: ${item.path ?? item.kind}${item.onInstallHost ? ', install host' : ''}`;
  });

describe('where the secrets of the configuration come from', () => {
  it('is told of each reference by its setting, and of files from the directory of the configuration on', () => {
    expect(sources(true)).toMatchObject({ kind: 'secret-source', grade: 'declared', blindSpot: null });
    expect([...told(true)].sort()).toEqual([
      'digestKey: /etc/recoverage/keys/digest, install host',
      'install.database.password: /etc/recoverage/database, install host',
      'locations[0].restic.password: /etc/recoverage/conf.d/restic, install host',
      'locations[1].borg.passphrase: /etc/borg',
      'locations[2].restic.password: /etc/restic, install host',
      'providers[0].token: environment, install host',
      'providers[1].token: /run/far',
      'stores.s3[0].accessKeyId: environment, install host',
      'stores.s3[0].secretAccessKey: /etc/recoverage/conf.d/s3.secret, install host',
    ]);
  });

  it('is the install host for what that host reads, wherever the audit runs', () => {
    expect(told(false).filter((one) => one.endsWith('install host'))).toEqual([
      'locations[2].restic.password: /etc/restic, install host',
    ]);
  });

  it('holds no name of a variable and nothing of a secret', () => {
    expect(JSON.stringify(sources(true).items)).not.toMatch(/S3_ID|VAULT_TOKEN|env:|file:/);
  });
});
