import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, toInstant, toMillis } from '../../src/model/instant.ts';
import { TOOL_VERSION } from '../../src/pipeline/version.ts';
import { type NotingServer, startTlsServer } from '../collect/hosts/addresses/tls-servers.ts';
import { opensslUnavailable } from '../services/certificates.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../services/minio.ts';
import { withoutNetwork, withoutNetworkUnavailable } from '../services/no-network.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { DOCUMENT } from './install-rows.ts';
import { organizationsOf } from './organizations.ts';
import { findingsOf, type ReportDocument, scan } from './read-report.ts';
import { type CliResult, runCli } from './run-cli.ts';
import { OF_THE_RUN, said } from './said.ts';

const DIGEST_KEY = 'E2E_DIGEST_KEY';
const BUCKET = 'live-files';
const networkNeeded = withoutNetworkUnavailable();

/** The facts for the runbook, but for the span that is left and the moment of the copy. */
function rebuildOf({ rebuild = [] }: ReportDocument): readonly string[] {
  return rebuild.map(({ topic, sentence, remedy }) => `${topic}: ${sentence} ${remedy ?? ''}`);
}

let install: Install;
let minio: MinioServer | null = null;
let server: NotingServer | null = null;
let options: { readonly environment: Readonly<Record<string, string>> };
let everything: ReportDocument;
let remote: string;

const recoverage = async (...args: readonly string[]): Promise<CliResult> => runCli(args, options);
/** On the other host there is neither a configuration nor a database. */
const collectAlone = async (bundle: string, under: readonly string[] = []): Promise<CliResult> =>
  runCli(['collect', '--plan', within('plan.json'), '--out', within(bundle)], {
    cwd: install.directories.hostRoot,
    environment: { [DIGEST_KEY]: 'one key for both hosts' },
    under,
  });
const within = (name: string) => join(install.directories.root, name);

/** A bucket that both audits reach, where its service can be had. */
async function startBucket(): Promise<MinioServer | null> {
  if (minioUnavailable() !== null) return null;
  const started = await startMinio();
  const client = started.client();
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const name of ['1', '2']) {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `elder/documents/${name}.txt`, Body: DOCUMENT }));
  }
  client.destroy();
  return started;
}

/**
 * Besides those on bundled storage one organization in a directory of its own, one in a bucket, and one in migration: of
 * its two files one is in the new place, and both are in the old one and in the backup set of it.
 */
async function bind(): Promise<void> {
  const [, , , daisy, elder, fennel] = install.organizations;
  if (daisy === undefined || elder === undefined || fennel === undefined) throw new Error('six of them');
  const { hostRoot, files } = install.directories;
  const [copy = ''] = await readdir(files);
  const registered = new Date(Date.now() - 2 * DAY);
  const write = async (path: string, names: readonly string[]): Promise<string> => {
    for (const name of names) {
      const file = join(hostRoot, path, 'documents', `${name}.txt`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, DOCUMENT);
      await utimes(file, registered, registered);
    }
    await cp(join(hostRoot, path), join(files, copy, path), { recursive: true, preserveTimestamps: true });
    return join(hostRoot, path);
  };
  const ago = (days: number) => toInstant(toMillis(install.builtAt) - days * DAY);
  const binding = { region: null, endpoint: null, bucket: null, prefix: null, path: null, state: 'active' };
  const directory = { ...binding, kind: 'local_filesystem_dedicated', activated_at: ago(90) };
  const moved = { ...directory, organization_id: fennel.id };
  await install.add(NAMES.installDatabase, {
    storage_bindings: [
      { ...directory, binding_id: 'b-daisy', organization_id: daisy.id, path: await write('srv/daisy', ['1', '2']) },
      { ...moved, binding_id: 'b-fennel', activated_at: ago(1), path: await write('srv/fennel', ['1']) },
      { ...moved, binding_id: 'b-fennel-old', state: 'inactive', path: await write('srv/old-fennel', ['1', '2']) },
      ...(minio === null
        ? []
        : [
            {
              ...binding,
              binding_id: 'b-elder',
              organization_id: elder.id,
              kind: 's3',
              bucket: BUCKET,
              prefix: 'elder/',
              endpoint: minio.endpoint,
              activated_at: ago(90),
            },
          ]),
    ],
  });
}

function withBucket(configuration: ConfigurationInput): ConfigurationInput {
  if (minio === null) return configuration;
  const { endpoint } = minio;
  const credentials = { accessKeyId: 'env:E2E_S3_ID', secretAccessKey: 'env:E2E_S3_SECRET', forcePathStyle: true };
  const failureDomain = { host: 'object-store', region: 'region-2' };
  return {
    ...configuration,
    stores: { ...configuration.stores, s3: [{ bucket: BUCKET, endpoint, ...credentials, failureDomain }] },
  };
}

beforeAll(async () => {
  [install, minio] = await Promise.all([buildInstall({ organizations: organizationsOf(6) }), startBucket()]);
  await bind();
  const { hostRoot, files } = install.directories;
  const license = join(hostRoot, 'etc/novantra/license.json');
  await writeFile(license, '{"installId":"inst_01e2e","appKeys":["very-secret-app-key"],"validUntil":"2999-01-31"}');
  const [copy = ''] = await readdir(files);
  await cp(license, join(files, copy, 'etc/novantra/license.json'), { preserveTimestamps: true });
  server = opensslUnavailable() ? null : await startTlsServer();
  const addresses =
    server === null ? [] : [{ url: `https://localhost:${server.port}`, certificateFile: server.certificateFile }];
  const { accessKeyId = '', secretAccessKey = '' } = minio?.rootCredentials ?? {};
  const keys = { E2E_S3_ID: accessKeyId, E2E_S3_SECRET: secretAccessKey };
  options = { environment: { ...install.environment, ...keys, [DIGEST_KEY]: 'one key for both hosts' } };
  const keyed = (configuration: ConfigurationInput): ConfigurationInput => ({
    ...withBucket(configuration),
    digestKey: `env:${DIGEST_KEY}`,
    install: { ...configuration.install, licenseFile: license, addresses },
  });
  const here = await install.variant(keyed);
  everything = (await scan(here, within('reports/here'), options)).report;
  remote = await install.variant((configuration) => {
    const own = keyed(configuration);
    return { ...own, install: { ...own.install, collectorRunsHere: false } };
  });
}, 120_000);

afterAll(async () => {
  await install?.[Symbol.asyncDispose]();
  await minio?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

describe('an install host that the audit cannot reach', { timeout: 150_000 }, () => {
  it('is a blind spot without its bundle', async () => {
    expect(server?.handshakes ?? []).toEqual([]);
    const { report } = await scan(remote, within('reports/alone'), options);
    const facts = rebuildOf(report).join('\n');
    expect(facts).not.toMatch(/license file:/);
    // The file cannot be read, so the address is asked; of the authority of the test nobody told.
    if (server !== null) {
      await expect.poll(() => server?.closed(), { timeout: 5000 }).toBe(1);
      expect(server.bytes()).toBe(0);
      expect(facts).toMatch(/shows is valid until .* nobody whom the audit trusts signed it/);
      expect(report.notices.map(({ text }) => text).join('\n')).toContain('nobody whom the audit trusts signed it');
    }
    expect(said(report)).not.toEqual(said(everything));
    expect(report.findings.find(({ controlId }) => controlId === 'HOST-1')?.status).toBe('unknown');
  });

  it('gives the same findings with its bundle as with everything at hand', async () => {
    const plan = await recoverage(
      'plan',
      '--config',
      remote,
      '--only',
      'hosts',
      '--out',
      within('plan.json'),
      '--json',
    );
    expect(plan, plan.stderr).toMatchObject({ exitCode: 0 });
    const answered = await collectAlone('host.ndjson');
    expect(answered, answered.stderr).toMatchObject({ exitCode: 0 });
    const { report } = await scan(remote, within('reports/joined'), options, ['--with', within('host.ndjson')]);
    expect(said(report)).toEqual(said(everything));
    expect(rebuildOf(report)).toEqual(rebuildOf(everything));
    const facts = rebuildOf(report).join('\n');
    expect(facts).toMatch(/license file: Backup set .* holds the license file with the same contents/);
    expect(facts).toContain('says that it is valid until 2999-01-31 00:00 UTC');
    expect(facts).not.toContain('very-secret-app-key');
    // The scan without the bundle was the one that asked.
    if (server !== null) {
      expect(facts).toContain(`The certificate of localhost:${server.port} in ${server.certificateFile}`);
      expect(server.handshakes).toHaveLength(1);
    }
    const samples = report.findings.filter(({ controlId }) => controlId === 'FILE-8');
    expect(Object.fromEntries(samples.map(({ subject, status }) => [subject.name, status]))).toEqual({
      ...Object.fromEntries(install.organizations.slice(0, 3).map(({ id }) => [`default:${id}`, 'pass'])),
      'b-daisy': 'pass',
      ...(minio === null ? {} : { 'b-elder': 'pass' }),
      'b-fennel': 'fail',
    });
    const old = report.findings.find(({ controlId, status }) => controlId === 'FILE-9' && status !== 'not-applicable');
    expect(old).toMatchObject({ status: 'pass', because: expect.stringContaining('the old place b-fennel-old is in') });
    expect(report.notices.map(({ text }) => text).join('\n')).toMatch(
      new RegExp(
        `answered in a bundle of its own of .* old, by version ${TOOL_VERSION.replaceAll('.', '\\.')}; its MAC was checked`,
      ),
    );
  });

  it.skipIf(networkNeeded !== null)(`answers without any network (${networkNeeded ?? 'it has none'})`, async () => {
    const under = withoutNetwork() ?? [];
    const probe = "require('net').connect(9, '127.0.0.1').on('error', ({ code }) => console.log(code))";
    const [program = '', ...words] = [...under, process.execPath, '-e', probe];
    // As opposed to ECONNREFUSED: there is nothing that could refuse.
    expect(execFileSync(program, words, { encoding: 'utf8' }).trim()).toBe('ENETUNREACH');
    const answered = await collectAlone('offline.ndjson', under);
    expect(answered, answered.stderr).toMatchObject({ exitCode: 0 });
    const { report } = await scan(remote, within('reports/offline'), options, ['--with', within('offline.ndjson')]);
    expect(said(report)).toEqual(said(everything));
  });

  it('leaves out the counts of all files, and says that they are counted there alone', async () => {
    const { report } = await scan(remote, within('reports/counted'), options, [
      '--inventory',
      '--with',
      within('host.ndjson'),
    ]);
    expect(report.blindSpots).toContainEqual(
      expect.objectContaining({
        reason: 'not-asked',
        detail: expect.stringContaining('counted only by an audit that runs on the install host'),
        affects: expect.objectContaining({ organizations: minio === null ? 6 : 5 }),
      }),
    );
    const statuses = ({ findings }: ReportDocument) =>
      findings.filter(({ controlId }) => controlId === 'FILE-8').map(({ status }) => status);
    expect(statuses(report)).toEqual(statuses(everything));
  });

  it('gives them with every location read elsewhere, too, in bundles of their own', async () => {
    const elsewhere = await install.variant((configuration) => ({
      ...withBucket(configuration),
      digestKey: `env:${DIGEST_KEY}`,
      install: { ...configuration.install, collectorRunsHere: false },
      // A list of reports of its own, which begins with this test.
      report: { ...configuration.report, list: within('elsewhere.ndjson') },
      locations: (configuration.locations ?? []).map((location) =>
        location.kind === 'directory' ? { ...location, reachableFrom: NAMES.backupHost } : location,
      ),
    }));
    const alone = await scan(elsewhere, within('reports/elsewhere-alone'), options);
    expect(alone.report.findings.find(({ controlId }) => controlId === 'DB-2')?.status).toBe('unknown');
    const planned = await recoverage(
      'plan',
      '--config',
      elsewhere,
      '--out',
      within('places.json'),
      '--depth',
      'full',
      '--only',
      `locations:${NAMES.dumps},locations:${NAMES.files},locations:${NAMES.installers}`,
    );
    expect(planned, planned.stderr).toMatchObject({ exitCode: 0 });
    const hosts = await recoverage('plan', '--config', elsewhere, '--out', within('hosts.json'));
    expect(hosts, hosts.stderr).toMatchObject({ exitCode: 0 });
    const bundles: string[] = [];
    for (const name of ['places', 'hosts']) {
      const bundle = within(`${name}.ndjson`);
      const result = await recoverage('collect', '--plan', within(`${name}.json`), '--out', bundle);
      expect(result, result.stderr).toMatchObject({ exitCode: 0 });
      bundles.push('--with', bundle);
    }
    const { report } = await scan(elsewhere, within('reports/elsewhere'), options, bundles);
    expect(said(report)).toEqual(said(everything));
    // Two scans ran: the first had no report before it.
    expect(findingsOf(alone.report, OF_THE_RUN)).toEqual([expect.stringContaining('not-applicable')]);
    expect(findingsOf(report, OF_THE_RUN)).toEqual([expect.stringMatching(/pass, .* each of 1 report names/)]);
    expect(alone.report.run.previousReportDigest).toBeNull();
    const bytes = await readFile(within('reports/elsewhere-alone/report.json'));
    expect(report.run.previousReportDigest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  });

  it('finds files that are lost, and no fault in one that was deleted or written again with its row meanwhile', async () => {
    const [lost, deleted, rewritten] = install.organizations;
    if (lost === undefined || deleted === undefined || rewritten === undefined) throw new Error('three of them');
    const plan = await recoverage('plan', '--config', remote, '--out', within('files.json'));
    expect(plan, plan.stderr).toMatchObject({ exitCode: 0 });
    expect(plan.stderr).toContain(`It names ${minio === null ? 12 : 10} files of organizations`);
    expect(await readFile(within('files.json'), 'utf8')).toContain('documents/1.txt');
    const fileOf = ({ id }: typeof lost) =>
      join(install.directories.hostRoot, 'srv/novantra/storage', id, 'documents/1.txt');
    const kept = new Map<string, Buffer>();
    for (const one of [lost, deleted, rewritten]) kept.set(fileOf(one), await readFile(fileOf(one)));
    try {
      await rm(fileOf(lost));
      await rm(fileOf(deleted));
      await writeFile(fileOf(rewritten), 'a longer document than it was\n');
      const bundle = within('files.ndjson');
      const answered = await recoverage('collect', '--plan', within('files.json'), '--out', bundle);
      expect(answered, answered.stderr).toMatchObject({ exitCode: 0 });
      await install.server.query(
        "DELETE FROM novantra.artifacts WHERE object_key = 'documents/1.txt'",
        deleted.database,
      );
      await install.server.query(
        "UPDATE novantra.artifacts SET bytes = 30, sha256 = NULL WHERE object_key = 'documents/1.txt'",
        rewritten.database,
      );
      const { report } = await scan(remote, within('reports/files'), options, ['--with', bundle]);
      const sampled = (organizationId: string) =>
        report.findings.find((one) => one.controlId === 'FILE-8' && one.subject.organizationId === organizationId);
      expect(sampled(lost.id)).toMatchObject({ status: 'fail' });
      expect(sampled(deleted.id)).toMatchObject({ status: 'pass' });
      expect(sampled(rewritten.id)).toMatchObject({ status: 'pass' });
    } finally {
      for (const [file, contents] of kept) await writeFile(file, contents);
      await install.server.query(
        `UPDATE novantra.artifacts SET bytes = ${DOCUMENT.length} WHERE object_key = 'documents/1.txt'`,
        rewritten.database,
      );
    }
  });

  it('looks for no file whose name its plan leaves out, and says so; nor by a draw of another size or seed', async () => {
    const plan = await recoverage('plan', '--config', remote, '--out', within('bare.json'), '--no-file-names');
    expect(plan, plan.stderr).toMatchObject({ exitCode: 0 });
    expect(await readFile(within('bare.json'), 'utf8')).not.toContain('documents/');
    const bare = within('bare.ndjson');
    await recoverage('collect', '--plan', within('bare.json'), '--out', bare);
    const samples = async (config: string, bundle: string) => {
      const { report } = await scan(config, within('reports/bare'), options, ['--with', bundle]);
      // Of others some copy is read here, for which rows are drawn anew, or a bucket.
      const findings = report.findings.filter(
        ({ controlId, subject }) => controlId === 'FILE-8' && subject.name.startsWith('default:'),
      );
      const statuses = [...new Set(findings.map(({ status }) => status))];
      return `${statuses.join()}: ${report.blindSpots.map(({ detail }) => detail).join('\n')}`;
    };
    expect(await samples(remote, bare)).toMatch(/^unknown: [\s\S]*its plan names none/);
    const seeded = await install.variant((configuration) => ({
      ...withBucket(configuration),
      digestKey: `env:${DIGEST_KEY}`,
      install: { ...configuration.install, collectorRunsHere: false },
      collect: { fileSample: { seed: 7 } },
    }));
    expect(await samples(seeded, within('files.ndjson'))).toMatch(/^unknown: [\s\S]*drawn with another number or seed/);
  });

  it('is refused with exit code 3, for a scan and for a gate, where its bundle is damaged or of another install', async () => {
    const foreign = within('foreign.ndjson');
    await writeFile(foreign, (await readFile(within('host.ndjson'), 'utf8')).replace('"exists":true', '"exists":null'));
    const damaged = await recoverage('scan', '--config', remote, '--output', within('reports/no'), '--with', foreign);
    expect(damaged.exitCode).toBe(3);
    expect(damaged.stderr).toContain('was altered or damaged on its way');
    const gate = await recoverage('gate', '--config', remote, '--with', foreign);
    expect(gate.exitCode).toBe(3);
    await install.server.query("UPDATE novantra.install SET install_id = 'inst_other'", NAMES.installDatabase);
    const other = await recoverage(
      'scan',
      '--config',
      remote,
      '--output',
      within('reports/no'),
      '--with',
      within('host.ndjson'),
    );
    expect(other.exitCode).toBe(3);
    expect(other.stderr).toMatch(/is of install inst_01e2e, and the install database is that of inst_other/);
    expect(existsSync(within('reports/no'))).toBe(false);
  });

  it('is asked nothing that cannot be asked, with exit code 3', async () => {
    const plan = (only: string) => recoverage('plan', '--config', remote, '--out', within('no.json'), '--only', only);
    for (const only of ['providers:nobody', 'locations:nowhere', 'everything']) {
      const refused = await plan(only);
      expect(refused.exitCode, only).toBe(3);
      expect(refused.stderr).toContain(`--only ${only}`);
    }
    expect(existsSync(within('no.json'))).toBe(false);
  });
});
