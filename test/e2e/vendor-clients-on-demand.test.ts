import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { freePort } from '../services/scratch.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES, SECRETS } from './install-configuration.ts';
import { organizationsOf } from './organizations.ts';
import { runCli } from './run-cli.ts';

/** Writes the package of every module that is loaded, by `import` or `require`, on a line of its own. */
const RECORDER = `
  import { appendFileSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  registerHooks({
    load(url, context, next) {
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*node_modules\\/)/.exec(url)?.[1];
      if (name !== undefined) appendFileSync(process.env.LOADED_PACKAGES, name + '\\n');
      return next(url, context);
    },
  });`;

const VENDORS = /^(@aws-sdk|@smithy|@azure)\/|^(graphene-pk11|pkcs11js|node-vault)$/;

describe.skipIf(embeddedPostgresUnavailable())('clients of vendors are loaded where a source needs them', () => {
  let install: Install;
  beforeAll(async () => {
    install = await buildInstall({ organizations: organizationsOf(1) });
  });
  afterAll(() => install?.[Symbol.asyncDispose]());

  /** The packages that a command loads, sorted, those of vendors apart. */
  async function loadedBy(args: readonly string[]) {
    const record = join(install.directories.root, 'loaded');
    await writeFile(record, '');
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(RECORDER)}`;
    const environment = { ...install.environment, NODE_OPTIONS, LOADED_PACKAGES: record };
    const { exitCode, stderr } = await runCli(args, { environment });
    const loaded = [...new Set((await readFile(record, 'utf8')).split('\n'))].sort();
    return { exitCode, stderr, loaded, vendors: loaded.filter((name) => VENDORS.test(name)) };
  }

  async function loadedByScan(change: (configuration: ConfigurationInput) => ConfigurationInput) {
    const scan = ['scan', '--config', await install.variant(change), '--output', install.directories.reports];
    const answer = await loadedBy([...scan, '--format', 'json']);
    expect([0, 1, 2], answer.stderr).toContain(answer.exitCode);
    return answer;
  }

  it('none by a command that asks nobody', async () => {
    const { exitCode, loaded, vendors } = await loadedBy(['controls']);
    expect(exitCode).toBe(0);
    expect(loaded).toContain('commander');
    expect(vendors).toEqual([]);
  });

  it('none by a scan without such a source', async () => {
    const { loaded, vendors } = await loadedByScan((configuration) => configuration);
    expect(loaded).toContain('pg');
    expect(vendors).toEqual([]);
  });

  it('those that a scan of managed backups asks, and no other', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const { vendors } = await loadedByScan((configuration) => ({
      ...configuration,
      locations: [
        ...(configuration.locations ?? []),
        {
          name: 'managed',
          kind: 'aws',
          region: 'eu-central-1',
          endpoint,
          accessKeyId: `env:${SECRETS.password}`,
          secretAccessKey: `env:${SECRETS.password}`,
          purposes: ['managed-backups'],
          failureDomain: { host: NAMES.backupHost },
        },
      ],
      collect: { ...configuration.collect, requestTimeoutSeconds: 1 },
    }));
    expect(vendors).toContain('@aws-sdk/client-rds');
    for (const other of ['@aws-sdk/client-s3', '@aws-sdk/client-ec2', '@azure/identity']) {
      expect(vendors).not.toContain(other);
    }
  });
});
