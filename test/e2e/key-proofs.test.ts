import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type MotoServer, motoUnavailable, startMoto } from '../services/moto.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { damaged } from '../services/wrapped-sample.ts';
import { grantSamples } from './grant-samples.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES, SECRETS } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { becauseOf } from './key-statuses.ts';
import { INSTALL_KEY, type InstallOrganization, organizationNamed } from './organizations.ts';
import { readReport, type Scanned, scan } from './read-report.ts';
import { recordKeys } from './recorded-keys.ts';
import { runCli } from './run-cli.ts';
import { writtenBelow } from './written.ts';

/** What the samples hold: must be in no output, whatever form it takes. */
const CANARY = randomBytes(32);
const FORMS = [CANARY.toString('base64'), CANARY.toString('hex'), CANARY.toString('latin1')];

const wrapAnswer = z.object({ data: z.object({ ciphertext: z.string() }) });

const RIGHT = organizationNamed('alder');
const OTHER_KEY = organizationNamed('briar');
const DAMAGED = organizationNamed('clover');
const TRIMMED = organizationNamed('daisy');
const NO_SAMPLE = organizationNamed('elder');
const OTHER_VERSION = organizationNamed('fennel');
/** Uses the key of another organization, whose own sample is whole. */
const SHARING = organizationNamed('gorse', { keyRef: RIGHT.keyRef });
const ALL = [RIGHT, OTHER_KEY, DAMAGED, TRIMMED, NO_SAMPLE, OTHER_VERSION, SHARING];

describe.skipIf(vaultUnavailable())('unwrapping proven at a real Vault', () => {
  let vault: VaultServer;
  let install: Install;
  let prover: string;
  let proven: Scanned;
  const samples: string[] = [];

  const send = async (path: string, body: object = {}): Promise<unknown> => {
    const { status, body: answer } = await vault.request('POST', path, body);
    if (status > 299) throw new Error(`Vault answered ${status} to ${path}`);
    return answer;
  };
  const wrapped = async (keyRef: string): Promise<string> => {
    const { ciphertext } = wrapAnswer.parse(
      await send(`transit/encrypt/${keyRef}`, { plaintext: CANARY.toString('base64') }),
    ).data;
    samples.push(ciphertext);
    return ciphertext;
  };
  const record = (one: InstallOrganization, sample: string | null, on = one.database) =>
    install.server.query(
      sample === null
        ? `UPDATE novantra.key_versions SET wrapped_sample = NULL`
        : `UPDATE novantra.key_versions SET wrapped_sample = convert_to('${sample}', 'UTF8')`,
      on,
    );
  const keyringOf = ({ slug }: InstallOrganization) => `keyring-${slug}`;
  const scanned = (token: string, name: string, args: readonly string[]) =>
    scan(
      install.configFile,
      join(install.directories.reports, name),
      { environment: { ...install.environment, [SECRETS.token]: token } },
      ['--format', 'json,html,csv,pdf', '--bundle', join(install.directories.reports, `${name}.ndjson`), ...args],
    );

  beforeAll(async () => {
    vault = await startVault();
    const access = await prepareVault(vault, ALL);
    install = await buildInstall({ organizations: ALL, secondDumps: true, vault: access });
    await mkdir(install.directories.reports);
    await record(RIGHT, await wrapped(RIGHT.keyRef));
    await record(OTHER_KEY, await wrapped(RIGHT.keyRef));
    for (const one of [DAMAGED, SHARING]) {
      const whole = await wrapped(one.keyRef);
      const bytes = Buffer.from(whole.split(':')[2] ?? '', 'base64');
      await record(one, `vault:v1:${damaged(bytes).toString('base64')}`);
    }
    await record(TRIMMED, await wrapped(TRIMMED.keyRef));
    await record(NO_SAMPLE, null);
    await send(`transit/keys/${OTHER_VERSION.keyRef}/rotate`);
    await record(OTHER_VERSION, await wrapped(OTHER_VERSION.keyRef));
    const installSample = await wrapped(INSTALL_KEY);
    await install.server.query(
      `UPDATE novantra.keyrings SET wrapped_sample = convert_to('${installSample}', 'UTF8') WHERE organization_id IS NULL`,
      NAMES.installDatabase,
    );
    await send(`transit/keys/${TRIMMED.keyRef}/rotate`);
    await send(`transit/keys/${TRIMMED.keyRef}/config`, { min_decryption_version: 2, min_encryption_version: 2 });
    await send(`transit/keys/${TRIMMED.keyRef}/trim`, { min_available_version: 2 });
    await vault.snapshot(join(install.directories.snapshots, 'vault.snap'));
    await grantSamples(install);
    const printed = await runCli(
      ['permissions', '--prove-keys', '--config', install.configFile, '--source', NAMES.provider],
      install,
    );
    prover = await vault.createToken(printed.stdout);
    proven = await scanned(prover, 'proven', ['--prove-keys']);
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });

  const judged = (one: InstallOrganization) => becauseOf(proven.report, 'KEY-11', keyringOf(one));

  it('the right ciphertext unwraps, of an organization and of the install', () => {
    expect(judged(RIGHT)).toMatch(/^pass: .*version 1 of the key: Vault decrypted the sample .*never left Vault/);
    expect(becauseOf(proven.report, 'KEY-11', `keyring-${INSTALL_KEY}`)).toMatch(/^pass: /);
  });

  it('one of another key, and one that is damaged, are gaps', () => {
    expect(judged(OTHER_KEY)).toMatch(/^fail: version 1 of the key: Vault cannot decrypt the sample/);
    expect(judged(DAMAGED)).toMatch(/^fail: version 1 of the key: Vault cannot decrypt the sample/);
  });

  it('a refused sample leaves it unknown whether the organization would come back, and one that unwraps does not', () => {
    for (const one of [OTHER_KEY, DAMAGED]) {
      expect(becauseOf(proven.report, 'REC-1', one.id)).toMatch(/^unknown: .*a wrapped sample does not unwrap/);
    }
    expect(becauseOf(proven.report, 'REC-1', RIGHT.id)).toMatch(/^pass: /);
    expect(becauseOf(proven.report, 'REC-1', NO_SAMPLE.id)).toMatch(/^pass: /);
  });

  it('of a key that two organizations use each sample tells of its own organization', () => {
    expect(judged(RIGHT)).toMatch(/^pass: /);
    expect(judged(SHARING)).toMatch(/^fail: version 1 of the key: Vault cannot decrypt the sample/);
  });

  it('one of a trimmed version is a gap that says so', () => {
    expect(judged(TRIMMED)).toMatch(
      /^fail: version 1 of the key: Vault refuses this version as too old: it was trimmed/,
    );
  });

  it('no sample, and one of another version than is recorded, leave it unknown', () => {
    expect(judged(NO_SAMPLE)).toMatch(/^unknown: .*no sample of version 1 of the key was unwrapped/);
    expect(judged(OTHER_VERSION)).toMatch(/^unknown: .*recorded for version 1 was wrapped by version 2/);
  });

  it('the only thing that it asked besides reading is rewrap, once for each sample', async () => {
    const asked = await vault.requestsOf(prover);
    const changing = asked
      .filter(({ operation }) => operation !== 'read' && operation !== 'list')
      .map(({ operation, path }) => `${operation} ${path}`)
      .filter((text) => text !== 'update sys/capabilities-self');
    const keys = [INSTALL_KEY, ...[RIGHT, OTHER_KEY, DAMAGED, TRIMMED, SHARING].map((one) => one.keyRef)];
    expect(changing.sort()).toEqual(keys.map((key) => `update transit/rewrap/${key}`).sort());
  });

  it('neither plaintext nor a sample is in any output', async () => {
    const written = `${await writtenBelow(install.directories.reports)}${proven.stdout}${proven.stderr}`;
    expect(written.length).toBeGreaterThan(10_000);
    for (const form of FORMS) expect(written.includes(form)).toBe(false);
    for (const sample of samples) expect(written.includes(sample)).toBe(false);
  });

  it('a bundle is judged by another policy without forgetting what was asked for', async () => {
    const bundle = join(install.directories.reports, 'proven.ndjson');
    const output = join(install.directories.reports, 'judged');
    const args = ['judge', '--bundle', bundle, '--policy', install.configFile, '--output', output, '--format', 'json'];
    expect((await runCli(args, install)).exitCode).toBe(1);
    const report = await readReport(output);
    expect(becauseOf(report, 'KEY-11', keyringOf(RIGHT))).toMatch(/^pass: /);
  });

  it('a token without the right is a blind spot that names the line to add', async () => {
    const result = await scanned(install.environment[SECRETS.token] ?? '', 'denied', ['--prove-keys']);
    expect(becauseOf(result.report, 'KEY-11', keyringOf(RIGHT))).toMatch(/^unknown: /);
    const remedies = result.report.blindSpots.map(({ reason, remedy }) => `${reason}: ${remedy}`).join('\n');
    expect(remedies).toMatch(/unauthorized: .*path "transit\/rewrap\/\+" \{ capabilities = \["update"\] \}/);
  });

  it('without the option nothing is unwrapped, and the report says that nobody looked', async () => {
    const before = (await vault.requestsOf(prover)).length;
    const { report } = await scanned(prover, 'not-asked', []);
    expect(becauseOf(report, 'KEY-11', keyringOf(RIGHT))).toMatch(/^not-applicable: it was not asked for/);
    expect(report.notEvaluated.map(({ controlId, reason }) => `${controlId}: ${reason}`)).toContainEqual(
      expect.stringMatching(/^KEY-11: not asked for: /),
    );
    const asked = (await vault.requestsOf(prover)).slice(before).map(({ path }) => path);
    expect(asked.filter((path) => path.includes('rewrap'))).toEqual([]);
  });

  it('is proven the same on the host that alone can reach it, by the samples in a plan', async () => {
    const key = { E2E_DIGEST_KEY: 'one key for both hosts' };
    const apart = await install.variant((configuration) => ({
      ...configuration,
      digestKey: 'env:E2E_DIGEST_KEY',
      providers: (configuration.providers ?? []).map((one) => ({ ...one, reachableFrom: 'vault-room' })),
    }));
    const { [SECRETS.token]: _, ...without } = install.environment;
    const environment = { ...without, ...key };
    const within = (name: string) => join(install.directories.root, name);
    const planned = await runCli(
      [
        'plan',
        '--config',
        apart,
        '--only',
        `providers:${NAMES.provider}`,
        '--prove-keys',
        '--out',
        within('plan.json'),
      ],
      { environment },
    );
    expect(planned, planned.stderr).toMatchObject({ exitCode: 0 });
    expect(planned.stderr).toMatch(/It holds \d wrapped samples/);
    const answer = async (bundle: string, ...args: readonly string[]) => {
      const onHost = { environment: { [SECRETS.token]: prover, ...key } };
      const shared = ['--digest-key', 'env:E2E_DIGEST_KEY', ...args];
      const result = await runCli(
        ['collect', '--plan', within('plan.json'), '--out', within(bundle), ...shared],
        onHost,
      );
      expect(result, result.stderr).toMatchObject({ exitCode: 0 });
      const directory = join(install.directories.reports, bundle);
      return scan(apart, directory, { environment }, ['--prove-keys', '--with', within(bundle)]);
    };
    const said = ({ report }: Scanned) =>
      report.findings.flatMap(({ controlId, subject, status, because }) =>
        controlId.startsWith('KEY-')
          ? [`${controlId} ${subject.key} ${status} ${because.replaceAll(/\d+/g, '#')}`]
          : [],
      );
    const joined = await answer('proven-there.ndjson', '--prove-keys');
    expect(said(joined)).toEqual(said(proven));
    // The same plan answered once more, after the database came to hold another sample.
    await record(RIGHT, await wrapped(OTHER_KEY.keyRef));
    const changed = await answer('changed-since.ndjson', '--prove-keys');
    expect(becauseOf(changed.report, 'KEY-11', keyringOf(RIGHT))).toMatch(
      /^unknown: .*the sample was changed since the plan was written/,
    );
    expect(becauseOf(changed.report, 'KEY-11', keyringOf(SHARING))).toMatch(/^fail: /);
    // Whoever collects must want it, too: a plan alone lets nothing be unwrapped.
    const unwanted = await answer('not-proven-there.ndjson');
    expect(becauseOf(unwanted.report, 'KEY-11', keyringOf(RIGHT))).toMatch(/^unknown: .*unwrapped no sample/);
    const text = await readFile(within('proven-there.ndjson'), 'latin1');
    for (const form of FORMS) expect(text).not.toContain(form);
  });
});

describe.skipIf(motoUnavailable())('unwrapping proven at AWS KMS, as moto plays it', () => {
  const PROVIDER = 'kms-main';
  const ACCESS = { accessKeyId: 'E2E_KMS_ID', secretAccessKey: 'E2E_KMS_SECRET' } as const;
  let moto: MotoServer;
  let seed: KMSClient;
  let install: Install;
  let proven: Scanned;
  let calls: readonly string[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    seed = new KMSClient({
      region: moto.region,
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'seed', secretAccessKey: 'seed' },
    });
    const key = async () =>
      (await seed.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT' }))).KeyMetadata?.Arn ?? '';
    const wrap = async (arn: string) => {
      const { CiphertextBlob } = await seed.send(
        new EncryptCommand({ KeyId: arn.slice(arn.lastIndexOf('/') + 1), Plaintext: CANARY }),
      );
      return Buffer.from(CiphertextBlob ?? []);
    };
    const organizations = [RIGHT, OTHER_KEY, DAMAGED];
    const refs = new Map<InstallOrganization, string>();
    for (const one of organizations) refs.set(one, await key());
    const installKey = await key();
    install = await buildInstall({ organizations, secondDumps: true });
    await mkdir(install.directories.reports);
    const samples = new Map<InstallOrganization, Buffer>();
    for (const one of organizations) {
      const sample = await wrap(refs.get(one === OTHER_KEY ? RIGHT : one) ?? '');
      samples.set(one, one === DAMAGED ? damaged(sample) : sample);
    }
    await recordKeys(install, {
      kind: 'aws-kms',
      providers: [PROVIDER],
      install: { keyRef: installKey, provider: PROVIDER, sample: await wrap(installKey) },
      of: (one) => ({ keyRef: refs.get(one) ?? '', provider: PROVIDER, sample: samples.get(one) ?? Buffer.alloc(0) }),
    });
    await grantSamples(install);
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: [
          {
            id: PROVIDER,
            kind: 'aws-kms',
            region: moto.region,
            endpoint: moto.endpoint,
            stsEndpoint: moto.endpoint,
            accessKeyId: `env:${ACCESS.accessKeyId}`,
            secretAccessKey: `env:${ACCESS.secretAccessKey}`,
          },
        ],
      }),
    );
    const environment = {
      ...install.environment,
      [ACCESS.accessKeyId]: 'AKIAE2E',
      [ACCESS.secretAccessKey]: 'x-secret-x',
    };
    const recorded = await moto.recordCalls(async () => {
      proven = await scan(configFile, join(install.directories.reports, 'kms'), { environment }, [
        '--format',
        'json,html,csv',
        '--bundle',
        join(install.directories.reports, 'kms.ndjson'),
        '--prove-keys',
      ]);
    });
    calls = recorded.map(({ operation }) => operation);
  });
  afterAll(async () => {
    seed?.destroy();
    await install?.[Symbol.asyncDispose]();
    await moto?.[Symbol.asyncDispose]();
  });

  it('the right ciphertext unwraps', () => {
    expect(becauseOf(proven.report, 'KEY-11', RIGHT.slug)).toMatch(/^pass: .*the key: AWS KMS decrypted the sample/);
    expect(becauseOf(proven.report, 'KEY-11', INSTALL_KEY)).toMatch(/^pass: /);
  });

  // AWS says IncorrectKeyException, which the tests of collect/keys/kms-proof.ts play from its documentation.
  it('one of another key, which moto takes for a key that the caller may not use, is unknown', () => {
    expect(becauseOf(proven.report, 'KEY-11', OTHER_KEY.slug)).toMatch(/^unknown: .*Decrypt of .*access denied/);
  });

  it('one that is damaged may as well lack its context: unknown, and why', () => {
    expect(becauseOf(proven.report, 'KEY-11', DAMAGED.slug)).toMatch(
      /^unknown: .*damaged, or was wrapped with an encryption context/,
    );
  });

  it('was asked to decrypt once for each key, and the plaintext is in no output', async () => {
    expect(calls.filter((operation) => operation === 'Decrypt')).toHaveLength(4);
    const written = `${await writtenBelow(install.directories.reports)}${proven.stdout}${proven.stderr}`;
    for (const form of FORMS) expect(written.includes(form)).toBe(false);
  });
});
