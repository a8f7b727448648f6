import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutBucketEncryptionCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { vaultReadPolicy } from '../../src/collect/keys/vault-requests.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../services/moto.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';

const ALDER = organizationNamed('alder');
const UNSEALER = 'vault-unseal';
const TOKEN = 'E2E_UNSEALER_TOKEN';
const CONTROLS = ['KEY-5', 'KEY-6', 'KEY-7', 'KEY-8', 'REC-1', 'REC-5'] as const;
const GOOD = { verdict: 'recoverable', ...Object.fromEntries(CONTROLS.map((id) => [id, 'pass'])) } as const;
const attestationsSchema = z.object({ attestations: z.array(z.record(z.string(), z.unknown())) });

/** Makes a transit key on a Vault, and the stanza of a server that unseals itself with it. */
async function sealBy(vault: VaultServer, key: string): Promise<string> {
  const { status } = await vault.request('POST', `transit/keys/${key}`, {});
  if (status > 299) throw new Error(`Vault answered ${status} to the making of ${key}`);
  const use = (what: string) => `path "transit/${what}/${key}" { capabilities = ["update"] }`;
  const token = await vault.createToken(`${use('encrypt')}\n${use('decrypt')}`);
  const settings = { address: vault.address, token, key_name: key, mount_path: 'transit/', disable_renewal: 'true' };
  const lines = Object.entries(settings).map(([name, value]) => `  ${name} = "${value}"`);
  return `seal "transit" {\n${lines.join('\n')}\n}`;
}

describe.skipIf(vaultUnavailable())('two Vaults, of which one unseals the other, both lost with the host', () => {
  /** Holds the keys of the install; it is unsealed by a key of the other. */
  let main: VaultServer;
  let unsealer: VaultServer;
  let install: Install;
  let environment: Readonly<Record<string, string>>;
  let attestations = '';
  let scans = 0;

  /** @param seals who unseals whom, as the configuration states it */
  async function scanned(seals: Readonly<Record<string, { provider: string; key: string }>>): Promise<Scanned> {
    const configFile = await install.variant((configuration): ConfigurationInput => {
      const [first] = configuration.providers ?? [];
      if (first?.kind !== 'vault-transit') throw new Error('the install has no Vault');
      const onLostHost = { failureDomain: { host: NAMES.installHost } };
      const sealed = (id: string) => (seals[id] === undefined ? {} : { seal: seals[id] });
      return {
        ...configuration,
        attestations,
        providers: [
          { ...first, ...onLostHost, ...sealed(first.id) },
          {
            ...first,
            ...onLostHost,
            id: UNSEALER,
            address: unsealer.address,
            token: `env:${TOKEN}`,
            ...sealed(UNSEALER),
          },
        ],
      };
    });
    scans += 1;
    return scan(configFile, join(install.directories.reports, `scan-${scans}`), { environment });
  }

  const BY_UNSEALER = { [NAMES.provider]: { provider: UNSEALER, key: 'unseal-main' } };
  const BOTH = { ...BY_UNSEALER, [UNSEALER]: { provider: NAMES.provider, key: 'unseal-other' } };

  beforeAll(async () => {
    unsealer = await startVault();
    await unsealer.request('POST', 'sys/mounts/transit', { type: 'transit' });
    main = await startVault({ seal: await sealBy(unsealer, 'unseal-main') });
    const vault = await prepareVault(main, [ALDER]);
    install = await buildInstall({ organizations: [ALDER], secondDumps: true, vault });
    environment = { ...install.environment, [TOKEN]: await unsealer.createToken(vaultReadPolicy(['transit'])) };
    const written = await readFile(join(install.directories.root, 'attestations.yaml'), 'utf8');
    const { attestations: usual } = attestationsSchema.parse(parse(written));
    const about = (id: string, provider: string, statement: string) => ({
      ...usual[0],
      id,
      subject: `provider:${provider}`,
      statement,
    });
    attestations = join(install.directories.root, 'attestations-of-two.yaml');
    const all = [
      ...usual,
      about('recovery-main', NAMES.provider, 'recovery-shares-held'),
      about('shares-unsealer', UNSEALER, 'unseal-shares-held'),
      about('recovery-unsealer', UNSEALER, 'recovery-shares-held'),
      about('policy-unsealer', UNSEALER, 'key-policy-in-code'),
    ];
    await writeFile(attestations, stringify({ attestations: all }));
    await main.snapshot(join(install.directories.snapshots, 'main.snap'));
    await unsealer.snapshot(join(install.directories.snapshots, 'unsealer.snap'));
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await main?.[Symbol.asyncDispose]();
    await unsealer?.[Symbol.asyncDispose]();
  });

  it('one way is well, and the order of recovery begins with the one that people open', async () => {
    const { report } = await scanned(BY_UNSEALER);
    expect(statusesOf(report, ALDER, CONTROLS)).toEqual(GOOD);
    expect(becauseOf(report, 'KEY-8', UNSEALER)).toMatch(/^pass: /);
    expect(becauseOf(report, 'REC-5', ALDER.id)).toContain(
      `order of recovery: ${UNSEALER}, ${NAMES.provider}, the install database, database ${ALDER.database}, the files`,
    );
  });

  it('a key that the other does not have is asked about, and fails', async () => {
    const { report } = await scanned({ [NAMES.provider]: { provider: UNSEALER, key: 'unseal-gone' } });
    expect(statusesOf(report, ALDER, CONTROLS)).toMatchObject({
      // The snapshot of the other may hold it, and nobody looked.
      verdict: 'unknown',
      'KEY-8': 'fail',
      'REC-5': 'unknown',
    });
    expect(becauseOf(report, 'KEY-8', NAMES.provider)).toContain(`key unseal-gone of ${UNSEALER} does not exist`);
    expect(becauseOf(report, 'REC-5', ALDER.id)).toContain(
      `whether what ${UNSEALER} is restored from holds it is not known`,
    );
  });

  it('nobody tells who unseals it: unknown, as Vault itself does not', async () => {
    const { report } = await scanned({});
    expect(statusesOf(report, ALDER, CONTROLS)).toEqual({
      ...GOOD,
      verdict: 'at-risk',
      'KEY-8': 'unknown',
      'REC-5': 'unknown',
    });
    expect(becauseOf(report, 'KEY-8', NAMES.provider)).toContain('(seal transit), and nothing tells who holds the key');
  });

  describe('once each is unsealed by the other', () => {
    let circular: Scanned;
    beforeAll(async () => {
      await unsealer.migrateSeal(await sealBy(main, 'unseal-other'));
      await unsealer.snapshot(join(install.directories.snapshots, 'unsealer.snap'));
      circular = await scanned(BOTH);
    });

    it('the loop is caught, in words, although every snapshot is good', () => {
      const { report, exitCode } = circular;
      expect(statusesOf(report, ALDER, CONTROLS)).toEqual({
        ...GOOD,
        verdict: 'not-recoverable',
        'KEY-8': 'fail',
        'REC-1': 'fail',
        'REC-5': 'fail',
      });
      const loop = `${NAMES.provider} is unsealed by key unseal-main of ${UNSEALER}, and ${UNSEALER} is unsealed by key unseal-other of ${NAMES.provider}`;
      expect(becauseOf(report, 'REC-5', ALDER.id)).toBe(`fail: recovery runs in a circle: ${loop}`);
      expect(becauseOf(report, 'KEY-8', NAMES.provider)).toContain(`each waits for the next: ${loop}`);
      expect(becauseOf(report, 'KEY-8', UNSEALER)).toMatch(/^fail: each waits for the next/);
      expect(exitCode).toBe(1);
    });

    it('with the old statement alone, what seals the other is unknown, and no pass', async () => {
      const { report } = await scanned(BY_UNSEALER);
      expect(statusesOf(report, ALDER, ['KEY-8', 'REC-5'])).toMatchObject({ 'KEY-8': 'unknown', 'REC-5': 'unknown' });
    });

    it('is a loop indeed: once both are down, neither starts', async () => {
      await main.stop();
      await unsealer.stop();
      await expect(main.start()).rejects.toThrow();
      await expect(unsealer.start()).rejects.toThrow();
    });
  });
});

describe.skipIf(vaultUnavailable() ?? motoUnavailable())('snapshots in a bucket that a key of KMS encrypts', () => {
  const KMS = 'kms-main';
  const BUCKET = 'vault-snapshots';
  /** Encrypted otherwise by default than the one object in it. */
  const OTHER_BUCKET = 'vault-snapshots-mixed';
  const ACCESS = { accessKeyId: 'E2E_AWS_ID', secretAccessKey: 'E2E_AWS_SECRET' } as const;
  const keys = { accessKeyId: `env:${ACCESS.accessKeyId}`, secretAccessKey: `env:${ACCESS.secretAccessKey}` };
  let vault: VaultServer;
  let moto: MotoServer;
  let install: Install;
  let arn = '';

  beforeAll(async () => {
    [vault, moto] = await Promise.all([startVault(), startMoto()]);
    install = await buildInstall({
      organizations: [ALDER],
      secondDumps: true,
      vault: await prepareVault(vault, [ALDER]),
    });
    const credentials = { accessKeyId: 'seed', secretAccessKey: 'seed' };
    const kms = new KMSClient({ region: moto.region, endpoint: moto.endpoint, credentials });
    const s3 = new S3Client({ region: moto.region, endpoint: moto.endpoint, credentials, forcePathStyle: true });
    arn = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const byKey = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn } } as const;
    await s3.send(
      new PutBucketEncryptionCommand({ Bucket: BUCKET, ServerSideEncryptionConfiguration: { Rules: [byKey] } }),
    );
    const file = join(install.directories.root, 'vault.snap');
    await vault.snapshot(file);
    const object = { Key: 'vault.snap', Body: await readFile(file) };
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, ...object }));
    await s3.send(new CreateBucketCommand({ Bucket: OTHER_BUCKET }));
    const byItself = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } } as const;
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket: OTHER_BUCKET,
        ServerSideEncryptionConfiguration: { Rules: [byItself] },
      }),
    );
    const own = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: arn } as const;
    await s3.send(new PutObjectCommand({ Bucket: OTHER_BUCKET, ...object, ...own }));
    kms.destroy();
    s3.destroy();
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await moto?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });

  /** @param kms where the key service stands; null: it is no provider of the configuration */
  async function scanned(name: string, kms: object | null, bucket = BUCKET): Promise<Scanned> {
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        locations: (configuration.locations ?? []).map((location) =>
          location.name === NAMES.snapshots
            ? {
                name: NAMES.snapshots,
                kind: 's3',
                bucket,
                region: moto.region,
                endpoint: moto.endpoint,
                forcePathStyle: true,
                ...keys,
                purposes: ['vault-snapshots'],
                failureDomain: { host: NAMES.backupHost },
              }
            : location,
        ),
        providers: [
          ...(configuration.providers ?? []).map((one) => ({ ...one, failureDomain: { host: NAMES.installHost } })),
          ...(kms === null
            ? []
            : [
                {
                  id: KMS,
                  kind: 'aws-kms' as const,
                  region: moto.region,
                  endpoint: moto.endpoint,
                  stsEndpoint: moto.endpoint,
                  ...keys,
                  failureDomain: kms,
                },
              ]),
        ],
      }),
    );
    const environment = {
      ...install.environment,
      [ACCESS.accessKeyId]: 'AKIAE2E',
      [ACCESS.secretAccessKey]: 'e2e-aws-secret',
    };
    return scan(configFile, join(install.directories.reports, name), { environment });
  }

  it('open where the key service outlives the loss, in or out of the configuration', async () => {
    for (const [name, kms] of [
      ['stated', { account: '123456789012' }],
      ['unnamed', null],
    ] as const) {
      const { report } = await scanned(name, kms);
      expect(becauseOf(report, 'REC-5', ALDER.id)).toContain(
        `order of recovery: ${NAMES.provider}, the install database`,
      );
      expect(statusesOf(report, ALDER, ['KEY-6', 'REC-1', 'REC-5'])).toMatchObject({
        'REC-1': 'pass',
        'REC-5': 'pass',
      });
    }
  });

  it('do not where it stands on the lost host: every copy is there, and nobody can open it', async () => {
    const { report } = await scanned('lost', { host: NAMES.installHost });
    expect(statusesOf(report, ALDER, ['REC-1', 'REC-5'])).toEqual({
      verdict: 'not-recoverable',
      'REC-1': 'fail',
      'REC-5': 'fail',
    });
    expect(becauseOf(report, 'REC-5', ALDER.id)).toBe(
      `fail: the snapshots of ${NAMES.provider} lie in ${NAMES.snapshots}, what lies in ${NAMES.snapshots} is encrypted with key ${arn} of ${KMS}, and ${KMS} is lost, and nothing that outlives the loss brings it back`,
    );
  });

  it('nor where that is the key of the object, whatever the default of its bucket', async () => {
    const { report } = await scanned('object-lost', { host: NAMES.installHost }, OTHER_BUCKET);
    expect(statusesOf(report, ALDER, ['KEY-6', 'REC-1', 'REC-5'])).toEqual({
      verdict: 'not-recoverable',
      'KEY-6': 'pass',
      'REC-1': 'fail',
      'REC-5': 'fail',
    });
    expect(becauseOf(report, 'REC-5', ALDER.id)).toBe(
      `fail: the snapshots of ${NAMES.provider} lie in ${NAMES.snapshots}, object vault.snap there is encrypted with key ${arn} of ${KMS}, and ${KMS} is lost, and nothing that outlives the loss brings it back`,
    );
    const elsewhere = await scanned('object-stated', { account: '123456789012' }, OTHER_BUCKET);
    expect(statusesOf(elsewhere.report, ALDER, ['REC-5'])).toMatchObject({ 'REC-5': 'pass' });
  });
});
