import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

const DATABASE = { name: 'novantra', host: 'db1', user: 'recoverage' };
const LEAST = { version: 1, install: { host: 'install-1', database: DATABASE } };

let scratch: ScratchDirectory;
beforeEach(() => {
  scratch = scratchDirectory('config');
});
afterEach(() => scratch[Symbol.dispose]());

async function load(configuration: object | string) {
  const file = join(scratch.path, 'recoverage.yaml');
  await writeFile(file, typeof configuration === 'string' ? configuration : stringify(configuration));
  return loadConfig(file, {});
}

/** Every mistake, as `path: problem. hint`. */
async function mistakes(configuration: object | string): Promise<readonly string[]> {
  try {
    await load(configuration);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.mistakes.map(({ path, problem, hint }) => `${path}: ${problem}. ${hint}`);
    }
    throw error;
  }
  return [];
}

describe('a configuration', () => {
  it('states addresses without a sign-in, which would be printed', async () => {
    const signedIn = 'https://user:secret@host:8200';
    const found = await mistakes({
      ...LEAST,
      providers: [
        { id: 'one', kind: 'vault-transit', address: signedIn, token: 'env:T' },
        { id: 'two', kind: 'vault-transit', address: 'https://vault:8200', nodes: [signedIn], token: 'env:T' },
        { id: 'kms', kind: 'aws-kms', region: 'r', endpoint: signedIn, accessKeyId: 'env:A', secretAccessKey: 'env:S' },
      ],
    });
    expect(found.map((one) => one.split(':', 1)[0])).toEqual([
      'providers[0].address',
      'providers[1].nodes[0]',
      'providers[2].endpoint',
    ]);
    expect(found.join()).toContain('an address without user and password');
    expect(found.join()).not.toContain('secret@');
  });

  it('names the token of an HSM, and of its peer, by label or serial number and never by slot', async () => {
    const token = { module: './p11.so', pin: 'env:PIN' };
    const hsm = { id: 'hsm', kind: 'pkcs11', ...token };
    expect(await mistakes({ ...LEAST, providers: [{ ...hsm, peer: token }] })).toEqual([
      expect.stringMatching(/^providers\[0\]: names no token\. State tokenLabel/),
      expect.stringMatching(/^providers\[0\]\.peer: names no token\./),
    ]);
    expect(await mistakes({ ...LEAST, providers: [{ ...hsm, tokenLabel: 'keys', slot: 3 }] })).toHaveLength(1);
    const wrapped = { ...hsm, tokenLabel: 'keys', wrapping: 'CKM_AES_CBC_PAD' };
    expect(await mistakes({ ...LEAST, providers: [wrapped] })).toEqual([
      expect.stringMatching(/^providers\[0\]\.wrapping: .*CKM_AES_KEY_WRAP_PAD/),
    ]);
    const environment = { NODE_OPTIONS: '--import=/tmp/x.mjs' };
    expect(await mistakes({ ...LEAST, providers: [{ ...hsm, tokenLabel: 'keys', environment }] })).toHaveLength(1);
    const { config } = await load({
      ...LEAST,
      providers: [{ ...hsm, tokenLabel: 'keys', peer: { ...token, tokenSerial: '1' } }],
    });
    const itself = { ...hsm, tokenLabel: 'keys', environment: { A: '1', B: '2' } };
    const peer = { ...token, tokenLabel: 'keys', environment: { B: '2', A: '1' }, failureDomain: { host: 'hsm-2' } };
    expect(await mistakes({ ...LEAST, providers: [{ ...itself, peer }] })).toEqual([
      expect.stringMatching(/^providers\[0\]\.peer: names the very token that it is to stand in for\./),
    ]);
    // A client's configuration may lead to another HSM whose token bears the same label.
    const elsewhere = { ...peer, environment: { ...peer.environment, B: '3' } };
    expect(await mistakes({ ...LEAST, providers: [{ ...itself, peer: elsewhere }] })).toEqual([]);
    const module = join(scratch.path, 'p11.so');
    expect(config.providers).toMatchObject([{ module, peer: { module } }]);
  });

  it('names a loss that loses something', async () => {
    expect(await mistakes({ ...LEAST, loss: { level: 'host', name: 'instal-1' } })).toEqual([
      expect.stringMatching(/^loss\.name: nothing is said to stand on host instal-1\./),
    ]);
    expect(await mistakes({ ...LEAST, loss: { level: 'host', name: 'INSTALL-1' } })).toEqual([]);
    expect(await mistakes({ ...LEAST, loss: { level: 'site', name: 'berlin' } })).toHaveLength(1);
    const database = { ...DATABASE, failureDomain: { site: 'berlin' } };
    const standing = { ...LEAST, install: { ...LEAST.install, database } };
    expect(await mistakes({ ...standing, loss: { level: 'site', name: 'berlin' } })).toEqual([]);
  });

  it('says that a number must be above its limit where the limit itself is refused', async () => {
    const hours = await mistakes({ ...LEAST, policy: { rtoHours: 0 } });
    expect(hours).toEqual([expect.stringMatching(/^policy\.rtoHours: .*\. It must be above 0\.$/)]);
    const many = await mistakes({ ...LEAST, collect: { concurrency: 0 } });
    expect(many).toEqual([expect.stringMatching(/^collect\.concurrency: /)]);
  });

  it.each([
    'postgresql://u:hunter3@db',
    'u:hunter3@db',
    'db/hunter3',
    '//u:hunter3@db',
    'db hunter3',
    'db,u:hunter3',
    'db:hunter3',
    '',
  ])('does not take %j for a host, and does not repeat it', async (host) => {
    const found = await mistakes({
      ...LEAST,
      install: { ...LEAST.install, database: { ...DATABASE, host } },
      servers: [{ name: 'second', host, user: 'recoverage' }],
    });
    expect(found).toEqual([
      expect.stringMatching(/^install\.database\.host: a host name, an address or the absolute directory of a socket/),
      expect.stringMatching(/^servers\[0\]\.host: a host name/),
    ]);
    expect(found.join()).not.toContain('hunter3');
  });

  it.each(['db1', 'db1.example.com', '10.0.0.1', '::1', 'fe80::1%eth0', '/var/run/postgresql'])(
    'takes %s for a host',
    async (host) => {
      expect(await mistakes({ ...LEAST, install: { ...LEAST.install, database: { ...DATABASE, host } } })).toEqual([]);
    },
  );

  it('names who approved an exclusion and why', async () => {
    const exclusion = { organization: 'acme', reason: ' ', approver: '\t', expires: '2027-01-01' };
    expect(await mistakes({ ...LEAST, exclusions: [exclusion] })).toHaveLength(2);
  });

  it('needs little: the rest has defaults, the loss is the install host, TLS is verified', async () => {
    const { config, policy, attestations } = await load(LEAST);
    expect(config.install.database).toMatchObject({ port: 5432, tls: 'verify-full' });
    expect(config.collect).toMatchObject({ concurrency: 16, perServer: 16 });
    expect(policy).toMatchObject({
      loss: { level: 'host', name: 'install-1' },
      failOn: 'high',
      acceptExcluded: false,
      exclusions: [],
    });
    expect(attestations).toEqual([]);
  });

  it('names paths as its own directory sees them', async () => {
    const locations = [{ name: 'dumps', kind: 'directory', path: 'backups', purposes: ['dumps'] }];
    const access = { region: 'eu-central-1', accessKeyId: 'env:A', secretAccessKey: 'env:S', caFile: 'ca.pem' };
    const providers = [{ id: 'kms', kind: 'aws-kms', ...access }];
    const { config } = await load({ ...LEAST, locations, providers });
    expect(config.providers[0]).toMatchObject({ caFile: join(scratch.path, 'ca.pem') });
    expect(config.locations[0]).toMatchObject({ path: join(scratch.path, 'backups') });
    expect(config.report.directory).toBe(join(scratch.path, 'reports'));
  });

  it('compares organizations of limits without case', async () => {
    const { policy } = await load({ ...LEAST, policy: { organizationLimits: { ORG_A: { databaseRpoHours: 4 } } } });
    expect(policy.organizationLimits).toEqual({ org_a: { databaseRpoHours: 4 } });
  });

  it('knows thresholds of the kinds that there are, and of no other', async () => {
    const kindLimits = { 'install-database': { databaseRpoHours: 4 }, files: { filesRpoHours: 48 } };
    expect((await load({ ...LEAST, policy: { kindLimits } })).policy.kindLimits).toEqual(kindLimits);
    await expect(load({ ...LEAST, policy: { kindLimits: { tenants: {} } } })).rejects.toThrow(/tenants/);
  });

  it('reads the attestations beside it', async () => {
    await writeFile(join(scratch.path, 'attestations.yaml'), stringify({ attestations: [ATTESTATION] }));
    expect((await load(LEAST)).attestations.map(({ id }) => id)).toEqual(['shares']);
  });

  it('names every mistake at once, each with its path and a hint', async () => {
    const found = await mistakes({
      version: 2,
      install: { host: '', database: { ...DATABASE, port: 70_000, pasword: 'x' }, hots: 'x' },
      locations: [{ name: 'a b', kind: 'directory', path: '', purposes: [] }],
      providers: [{ id: 'v', kind: 'vault-transit', address: 'ftp://x', token: 's.plain' }],
      policy: { failOn: 'severe', limits: { databaseRpoHours: -1, noSuchLimit: 1 } },
      exclusions: [{ organization: 'o', reason: 'r', approver: 'a', expires: 'never' }],
    });
    const paths = [
      'version',
      'install.host',
      'install.database.port',
      'install.database.pasword',
      'install.hots',
      'locations[0].name',
      'locations[0].path',
      'locations[0].purposes',
      'providers[0].address',
      'providers[0].token',
      'policy.failOn',
      'policy.limits.databaseRpoHours',
      'policy.limits.noSuchLimit',
      'exclusions[0].expires',
    ];
    expect(found.map((text) => text.slice(0, text.indexOf(':'))).sort()).toEqual([...paths].sort());
    for (const text of found) expect(text).toMatch(/: .+\. .+\.$/);
    expect(found.join()).not.toContain('s.plain');
  });

  it('names what single values cannot show: names that repeat and names that do not exist', async () => {
    const found = await mistakes({
      ...LEAST,
      servers: [
        { name: 'db', host: 'a', user: 'u' },
        { name: 'DB', host: 'b', user: 'u' },
      ],
      locations: [
        {
          name: 'one',
          kind: 'directory',
          path: '/x',
          purposes: ['dumps'],
          servers: ['nowhere'],
          timeZone: 'Mars/Base',
        },
        { name: 'one', kind: 'directory', path: '/y', purposes: ['files'] },
      ],
      providers: [{ id: 'v', kind: 'vault-transit', address: 'https://v', token: 'env:T', snapshots: ['one'] }],
      stores: { s3: [{ bucket: 'live', mirrors: ['live'], accessKeyId: 'env:A', secretAccessKey: 'env:B' }] },
    });
    expect(found.map((text) => text.slice(0, text.indexOf('.')))).toEqual([
      'locations: one occurs twice',
      'servers: DB occurs twice',
      expect.stringContaining('locations[0]'),
      expect.stringContaining('locations[0]'),
      expect.stringContaining('locations[1]'),
      'stores',
      expect.stringContaining('providers[0]'),
    ]);
    expect(found.join('\n')).toMatch(/live is not among the stores\.s3/);
    expect(found.join('\n')).toMatch(/nowhere is not among the servers/);
    expect(found.join('\n')).toMatch(/Mars\/Base is no time zone/);
    expect(found.join('\n')).toMatch(/one is not among the locations with purpose vault-snapshots/);
  });

  it('names holders of keys and passphrases that it does not have', async () => {
    const location = { name: 'one', kind: 'directory', path: '/x', purposes: ['dumps'] };
    const kept = (...places: readonly object[]) => ({
      ...LEAST,
      locations: [{ ...location, passphraseKeptIn: places }],
    });
    expect(await mistakes(kept({ location: 'one' }, { host: 'INSTALL-1' }, { outside: 'a safe' }))).toEqual([]);
    expect(await mistakes(kept({ provider: 'v' }, { location: 'two' }, { host: 'other' }))).toEqual([
      expect.stringMatching(/^locations\[0\]\.passphraseKeptIn\[0\]\.provider: v is not among the providers/),
      expect.stringMatching(/^locations\[0\]\.passphraseKeptIn\[1\]\.location: two is not among the locations/),
      expect.stringMatching(
        /passphraseKeptIn\[2\]\.host: other is not the install host\. The install host is install-1/,
      ),
    ]);
    const vault = { id: 'v', kind: 'vault-transit', address: 'https://v', token: 'env:T' };
    const sealed = { ...LEAST, providers: [{ ...vault, seal: { provider: 'w' } }] };
    expect(await mistakes(sealed)).toEqual([expect.stringContaining('providers[0].seal.provider: w is not among')]);
    const keys = { accessKeyId: 'env:A', secretAccessKey: 'env:B' };
    const stores = { s3: [{ bucket: 'files', region: 'eu-central-1', ...keys, encryptedBy: { provider: 'w' } }] };
    expect(await mistakes({ ...LEAST, stores })).toEqual([
      expect.stringContaining('stores.s3[0].encryptedBy.provider: w is not'),
    ]);
    const encrypted = { ...LEAST, locations: [{ ...location, encryptedBy: { provider: 'w' } }] };
    expect(await mistakes(encrypted)).toEqual([expect.stringContaining('locations[0].encryptedBy.provider: w is not')]);
    const outside = { ...LEAST, providers: [{ ...vault, seal: { outside: 'HCP Vault' } }] };
    expect(await mistakes(outside)).toEqual([]);
    expect((await mistakes(kept({ outside: ' ' }))).length).toBeGreaterThan(0);
  });

  it.each([
    ['that is not YAML', 'install: [', /line \d+/],
    ['with a key twice', 'version: 1\nversion: 1\n', /version|unique/i],
    ['with aliases', 'a: &x 1\nb: *x\n', /alias/i],
    ['that is a list', '- 1\n', /object/],
    ['that is empty', '', /object/],
  ])('%s is refused', async (_, text, message) => {
    expect((await mistakes(text)).join('\n')).toMatch(message);
  });

  it('wants a token or a login for a Vault, and nodes that are asked as it is', async () => {
    const vault = { id: 'v', kind: 'vault-transit', address: 'https://v' };
    const login = { method: 'approle', roleId: 'env:R', secretId: 'file:s' };
    const found = async (provider: object): Promise<readonly string[]> =>
      await mistakes({ ...LEAST, providers: [{ ...vault, ...provider }] });
    expect(await found({ login })).toEqual([]);
    expect(await found({ token: 'env:T', nodes: ['https://w'] })).toEqual([]);
    expect((await found({})).join()).toContain('providers[0].token: is missing, and so is login');
    expect((await found({ token: 'env:T', login })).join()).toContain('providers[0].login: is given beside token');
    expect((await found({ token: 'env:T', nodes: ['http://w'] })).join()).toContain('not of the scheme');
    expect((await found({ login: { ...login, secretId: 'plain' } })).join()).toContain('providers[0].login.secretId');
  });

  it('that does not exist says how to write one', async () => {
    await expect(loadConfig(join(scratch.path, 'nowhere.yaml'), {})).rejects.toThrow(
      /does not exist.*recoverage init/s,
    );
  });
});

const ATTESTATION = {
  id: 'shares',
  subject: 'provider:vault-main',
  statement: 'unseal-shares-held',
  owner: 'operations',
  date: '2026-09-01',
  expires: '2027-08-31',
};

describe('attestations', () => {
  const attested = async (...list: readonly object[]) => {
    await writeFile(join(scratch.path, 'attestations.yaml'), stringify({ attestations: list }));
    return mistakes(LEAST);
  };

  it('count from the start of their date to the end of their last day, UTC', async () => {
    await writeFile(join(scratch.path, 'attestations.yaml'), stringify({ attestations: [ATTESTATION] }));
    const [one] = (await load(LEAST)).attestations;
    expect(one).toMatchObject({ date: '2026-09-01T00:00:00.000Z', expires: '2027-08-31T23:59:59.999Z' });
  });

  it.each([
    ['for 366 days', { date: '2026-01-01', expires: '2027-01-02' }, 0],
    ['for longer', { date: '2026-01-01', expires: '2027-01-03' }, 1],
    ['with a statement of their own', { statement: 'everything-is-fine' }, 1],
    ['about a subject of no kind', { subject: 'vault-main' }, 1],
    ['about the install', { subject: 'install' }, 0],
    ['of nobody', { owner: '' }, 1],
    ['on no date', { date: '2026-02-30' }, 2],
    ['with more than they may say', { severity: 'low' }, 1],
  ])('%s', async (_, change, count) => {
    expect(await attested({ ...ATTESTATION, ...change })).toHaveLength(count);
  });

  it('bear different ids', async () => {
    expect(await attested(ATTESTATION, ATTESTATION)).toHaveLength(1);
  });

  it('that the configuration names and that are not there are a mistake', async () => {
    expect((await mistakes({ ...LEAST, attestations: 'other.yaml' })).join()).toMatch(/does not exist/);
  });
});
