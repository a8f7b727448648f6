import { chmod, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { DAY, HOUR, toInstant } from '../../src/model/instant.ts';
import { BORG_PASSPHRASE, borgRepository, borgUnavailable } from '../services/borg.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../services/minio.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../services/moto.ts';
import { RESTIC_PASSWORD, type ResticRepository, resticRepository, resticUnavailable } from '../services/restic.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES, STAND_IN } from './install-configuration.ts';
import { DOCUMENT } from './install-rows.ts';
import { prepareVault } from './install-vault.ts';
import { type InstallOrganization, organizationsOf } from './organizations.ts';
import { type ReportDocument, scan } from './read-report.ts';

/** Two repositories are opened by their programs, which take long on a busy machine. */
const SCAN_MS = 110_000;
const LOCKED = 'locked-files';
const PLAIN = 'plain-files';
const AWS = 'aws-files';
const SECRETS = { id: 'E2E_S3_ID', secret: 'E2E_S3_SECRET', restic: 'E2E_RESTIC', borg: 'E2E_BORG' } as const;
const REASONS = ['minio', 'moto', 'restic', 'borg', 'vault'] as const;
const missing = [minioUnavailable(), motoUnavailable(), resticUnavailable(), borgUnavailable(), vaultUnavailable()];
const unavailable = REASONS.flatMap((name, index) => (missing[index] == null ? [] : [`${name}: ${missing[index]}`]));

/** Controls of files and hosts, and of what a recovery makes of them. */
const CONTROLS = [
  ...Array.from({ length: 10 }, (_, index) => `FILE-${index + 1}`),
  ...Array.from({ length: 5 }, (_, index) => `HOST-${index + 1}`),
];
const UNKNOWN = 'unknown';
/**
 * Verdict of each organization, and what puts it at risk. Kept well all of them come back; of the bucket of AWS, which has
 * no lock, nobody knows of a second copy. Damaged: two have two stores, one has lost a file and is about to lose more, of one
 * the only copy lies on the lost host. Of the two in repositories it is not known any more who holds what opens them.
 */
const VERDICTS = {
  well: {
    alder: 'recoverable',
    briar: 'recoverable',
    clover: 'recoverable',
    daisy: 'recoverable',
    elder: 'recoverable',
    fennel: 'at-risk by blind-spot',
  },
  damaged: {
    alder: 'recoverable',
    briar: UNKNOWN,
    clover: 'at-risk by gap by blind-spot',
    daisy: 'not-recoverable',
    elder: 'at-risk by blind-spot',
    fennel: UNKNOWN,
  },
  blind: { alder: UNKNOWN, briar: UNKNOWN, clover: UNKNOWN, daisy: UNKNOWN, elder: UNKNOWN, fennel: UNKNOWN },
  unlisted: { alder: UNKNOWN, briar: UNKNOWN, clover: UNKNOWN, daisy: UNKNOWN, elder: UNKNOWN, fennel: UNKNOWN },
} as const;

interface Attestation {
  readonly id: string;
}
interface Attestations {
  readonly attestations: readonly Attestation[];
}

type Run = 'well' | 'damaged' | 'blind' | 'unlisted';

/** Each control, whose store or organization it judges (none: the install's host), in which run, and why. */
const SEEN: readonly (readonly [controlId: string, status: string, run: Run, slug: string | null, because: RegExp])[] =
  [
    ['FILE-1', 'pass', 'well', 'alder', /one storage binding is active, of kind bundled; the store is there/],
    ['FILE-1', 'fail', 'damaged', 'briar', /^2 storage bindings are active at once$/],
    ['FILE-1', 'unknown', 'blind', 'clover', /^whether its store is there is not known: /],
    ['FILE-2', 'pass', 'well', 'daisy', /^no other organization uses its place$/],
    ['FILE-2', 'fail', 'damaged', 'briar', /^its files lie inside the place of another organization$/],
    [
      'FILE-2',
      'unknown',
      'unlisted',
      'clover',
      /storage_bindings: permission denied for table novantra\.storage_bindings/,
    ],
    ['FILE-3', 'pass', 'well', 'briar', /outside the lost failure domain, keeps versions, and locks for 30 days/],
    [
      'FILE-3',
      'fail',
      'damaged',
      'daisy',
      /none counts: backup set .* in restic-set .*: it lies in the failure domain that is lost/,
    ],
    ['FILE-3', 'unknown', 'blind', 'daisy', /restic refuses the password/],
    ['FILE-4', 'pass', 'well', 'elder', /^backup set elder-1 of host \S+ in borg-set .* each is in it/],
    [
      'FILE-4',
      'fail',
      'damaged',
      'daisy',
      /^no copy counts; the newest is backup set .* in files .*: it does not hold the path/,
    ],
    ['FILE-4', 'unknown', 'blind', 'elder', /borg has no passphrase that opens the repository/],
    ['FILE-5', 'pass', 'well', 'briar', /^the bucket locks for 30 days .*; 2 of 2 files drawn are locked/],
    ['FILE-5', 'fail', 'damaged', 'alder', /^a directory locks nothing; .* files locks nothing; no attestation says/],
    ['FILE-5', 'unknown', 'blind', 'clover', /^the bucket does not tell whether it locks objects/],
    ['FILE-6', 'pass', 'well', 'clover', /^it has no lifecycle rules$/],
    [
      'FILE-6',
      'fail',
      'damaged',
      'clover',
      /rule all deletes what lies below clover\/documents\/ 30 days after .* lists 2 files/,
    ],
    ['FILE-6', 'unknown', 'blind', 'clover', /refused the request \(InvalidAccessKeyId\)/],
    ['FILE-7', 'pass', 'well', 'fennel', /^the bucket encrypts by default \(AES256\); public access is blocked/],
    ['FILE-7', 'fail', 'well', 'briar', /^the bucket has no default encryption/],
    ['FILE-7', 'unknown', 'damaged', 'alder', /^nobody sees the disks of a directory, and no attestation says/],
    [
      'FILE-8',
      'pass',
      'well',
      'daisy',
      /^2 of 2 found, none compared by checksum: .*; in restic snapshot \S+ of host \S+ in restic-set .* 2 of 2/,
    ],
    ['FILE-8', 'fail', 'damaged', 'clover', /^of 2 files drawn: 1 not there, such as [0-9a-f]{16}/],
    ['FILE-8', 'unknown', 'blind', 'clover', /^of 2 files drawn: 2 files could not be asked for/],
    ['FILE-9', 'pass', 'well', 'clover', /^the old place b-clover-old is in backup set .* in restic-set/],
    [
      'FILE-9',
      'fail',
      'damaged',
      'clover',
      /is not there any more, .*; 1 of 2 files drawn from before the change is not in the new store/,
    ],
    ['FILE-9', 'unknown', 'blind', 'clover', /^what is where its files were before is not known: /],
    ['FILE-10', 'pass', 'well', 'elder', /in borg-set .* stands in another failure domain than the live store/],
    [
      'FILE-10',
      'fail',
      'damaged',
      'daisy',
      /^nothing replicates a directory; .* stands in the same failure domain as the live store/,
    ],
    [
      'FILE-10',
      'unknown',
      'well',
      'fennel',
      /^the bucket is not replicated; .*no location is stated to hold copies of/,
    ],
    [
      'HOST-1',
      'pass',
      'well',
      null,
      /bootstrap\.env is there; backup set .* in files .* holds it with the same contents/,
    ],
    ['HOST-1', 'fail', 'damaged', null, /bootstrap\.env: it holds other contents than the live file/],
    ['HOST-1', 'unknown', 'blind', null, /^whether it is there is not known: /],
    ['HOST-2', 'pass', 'well', null, /onprem is there; backup set .* in files .* holds it with the same contents/],
    ['HOST-2', 'fail', 'damaged', null, /onprem: it holds other contents than the live directory/],
    ['HOST-2', 'unknown', 'blind', null, /^whether it is there is not known: /],
    ['HOST-3', 'pass', 'well', null, /^only owner and group have rights to .*bootstrap\.env \(mode 0640\)/],
    ['HOST-3', 'fail', 'damaged', null, /^others have rights to .*bootstrap\.env \(mode 0644\)$/],
    ['HOST-3', 'unknown', 'blind', null, /^its files were not seen: /],
    ['HOST-4', 'pass', 'well', null, /is the package of version 4\.2\.1, profile standard, deb/],
    ['HOST-4', 'fail', 'damaged', null, /^no package of version 4\.2\.1, profile standard, deb is kept/],
    ['HOST-4', 'unknown', 'blind', null, /not-mounted" does not exist/],
    ['HOST-5', 'pass', 'well', null, /^Test operator attested it on /],
    ['HOST-5', 'fail', 'damaged', null, /^no attestation says so$/],
    ['HOST-5', 'unknown', 'unlisted', null, /^cannot be judged: attestation credentials expired on /],
  ];

/**
 * One organization for each kind of binding: bundled storage, buckets of a real server and of the emulator of AWS,
 * directories in repositories of restic and of Borg, and one in migration; seen well, damaged, and by an audit that may not
 * look.
 */
describe.skipIf(unavailable.length > 0)(
  `files and hosts (${unavailable.join('; ') || 'all servers are there'})`,
  () => {
    let install: Install;
    let vault: VaultServer;
    let minio: MinioServer;
    let moto: MotoServer;
    let clients: { readonly minio: S3Client; readonly moto: S3Client };
    let restic: ResticRepository;
    let borgRoot: string;
    let environment: Readonly<Record<string, string>>;
    let alder: InstallOrganization;
    let briar: InstallOrganization;
    let clover: InstallOrganization;
    let daisy: InstallOrganization;
    let elder: InstallOrganization;
    let fennel: InstallOrganization;
    const reports = new Map<string, ReportDocument>();

    const directoryOf = ({ slug }: InstallOrganization) => join(install.directories.hostRoot, 'srv/dedicated', slug);
    const ago = (millis: number) => toInstant(Date.now() - millis);
    const time = (millis: number) => ago(millis).slice(0, 19).replace('T', ' ');

    const configured = (change: (configuration: ConfigurationInput) => ConfigurationInput = (one) => one) =>
      install.variant((configuration) => {
        const elsewhere = { host: 'repository-host', region: 'region-2', attachedAs: STAND_IN };
        const access = {
          accessKeyId: `env:${SECRETS.id}`,
          secretAccessKey: `env:${SECRETS.secret}`,
          forcePathStyle: true,
        };
        const store = (bucket: string, endpoint: string) => ({
          bucket,
          endpoint,
          ...access,
          failureDomain: { host: `host-of-${bucket}`, region: NAMES.region },
        });
        return change({
          ...configuration,
          locations: [
            ...(configuration.locations ?? []),
            {
              name: 'restic-set',
              kind: 'directory',
              path: restic.root,
              purposes: ['restic', 'files'],
              restic: { password: `env:${SECRETS.restic}` },
              failureDomain: elsewhere,
            },
            {
              name: 'borg-set',
              kind: 'directory',
              path: borgRoot,
              purposes: ['borg', 'files'],
              borg: { passphrase: `env:${SECRETS.borg}` },
              failureDomain: elsewhere,
            },
          ],
          stores: {
            ...configuration.stores,
            s3: [store(LOCKED, minio.endpoint), store(PLAIN, minio.endpoint), store(AWS, moto.endpoint)],
          },
        });
      });

    const audit = async (name: string, configFile: string, secrets: Readonly<Record<string, string>> = {}) => {
      const options = { environment: { ...environment, ...secrets }, timeoutMillis: SCAN_MS };
      const { report } = await scan(configFile, join(install.directories.reports, name), options);
      reports.set(name, report);
      return report;
    };

    /** Verdict of each organization by its slug, and what puts it at risk. */
    const verdicts = ({ organizations }: ReportDocument) =>
      Object.fromEntries(
        organizations.map(({ slug, verdict, atRiskBy }) => [slug, [verdict, ...atRiskBy].join(' by ')]),
      );

    /** The finding on the first subject whose name or organization begins so. */
    const of = (report: ReportDocument, controlId: string, who: InstallOrganization | string) => {
      const found = report.findings.find(
        ({ controlId: id, subject }) =>
          id === controlId && (typeof who === 'string' ? subject.name === who : subject.organizationId === who.id),
      );
      return found === undefined ? 'no finding' : `${found.status}, ${found.because}`;
    };

    beforeAll(async () => {
      const organizations = organizationsOf(6);
      [vault, minio, moto] = await Promise.all([startVault(), startMinio(), startMoto()]);
      install = await buildInstall({
        organizations,
        secondDumps: true,
        vault: await prepareVault(vault, organizations),
      });
      await vault.snapshot(join(install.directories.snapshots, 'vault.snap'));
      const [a, b, c, d, e, f] = install.organizations;
      if (!a || !b || !c || !d || !e || !f) throw new Error('the install has six organizations');
      [alder, briar, clover, daisy, elder, fennel] = [a, b, c, d, e, f];
      const credentials = {
        accessKeyId: minio.rootCredentials.accessKeyId,
        secretAccessKey: minio.rootCredentials.secretAccessKey,
      };
      clients = {
        minio: minio.client(),
        moto: new S3Client({ endpoint: moto.endpoint, region: moto.region, credentials, forcePathStyle: true }),
      };
      environment = {
        ...install.environment,
        [SECRETS.id]: credentials.accessKeyId,
        [SECRETS.secret]: credentials.secretAccessKey,
        [SECRETS.restic]: RESTIC_PASSWORD,
        [SECRETS.borg]: BORG_PASSPHRASE,
      };
      await clients.minio.send(new CreateBucketCommand({ Bucket: LOCKED, ObjectLockEnabledForBucket: true }));
      const Rule = { DefaultRetention: { Mode: 'GOVERNANCE' as const, Days: 30 } };
      const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule };
      await clients.minio.send(new PutObjectLockConfigurationCommand({ Bucket: LOCKED, ObjectLockConfiguration }));
      await clients.minio.send(new CreateBucketCommand({ Bucket: PLAIN }));
      await clients.moto.send(new CreateBucketCommand({ Bucket: AWS }));
      await clients.moto.send(
        new PutBucketVersioningCommand({ Bucket: AWS, VersioningConfiguration: { Status: 'Enabled' } }),
      );
      await clients.moto.send(
        new PutBucketEncryptionCommand({
          Bucket: AWS,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
        }),
      );
      await clients.moto.send(
        new PutPublicAccessBlockCommand({
          Bucket: AWS,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            IgnorePublicAcls: true,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
        }),
      );
      for (const name of ['1', '2']) {
        const put = (client: S3Client, Bucket: string, slug: string) =>
          client.send(new PutObjectCommand({ Bucket, Key: `${slug}/documents/${name}.txt`, Body: DOCUMENT }));
        await put(clients.minio, LOCKED, briar.slug);
        await put(clients.minio, LOCKED, clover.slug);
        await put(clients.moto, AWS, fennel.slug);
        for (const one of [daisy, elder]) {
          await mkdir(join(directoryOf(one), 'documents'), { recursive: true });
          const file = join(directoryOf(one), 'documents', `${name}.txt`);
          await writeFile(file, DOCUMENT);
          await utimes(file, new Date(ago(2 * DAY)), new Date(ago(2 * DAY)));
        }
      }
      const old = join(install.directories.hostRoot, 'srv/old-clover');
      await mkdir(old, { recursive: true });
      await writeFile(join(old, 'left.txt'), DOCUMENT);
      const repositories = join(install.directories.root, 'repositories');
      for (const name of ['restic', 'borg']) await mkdir(join(repositories, name), { recursive: true });
      restic = await resticRepository(join(repositories, 'restic'));
      const borg = await borgRepository(join(repositories, 'borg'));
      borgRoot = borg.root;
      await restic.backup(directoryOf(daisy), time(2 * HOUR));
      await restic.backup(old, time(2 * HOUR));
      await borg.create('elder-1', '/', directoryOf(elder), ago(2 * HOUR).slice(0, 19));
      const binding = { region: null, endpoint: null, bucket: null, prefix: null, path: null, state: 'active' };
      const inBucket = (bucket: string, endpoint: string) => ({ ...binding, kind: 's3', bucket, endpoint });
      const dedicated = (one: InstallOrganization) => ({
        ...binding,
        binding_id: `b-${one.slug}`,
        organization_id: one.id,
        kind: 'local_filesystem_dedicated',
        path: directoryOf(one),
        activated_at: ago(90 * DAY),
      });
      await install.add('novantra', {
        storage_bindings: [
          {
            ...inBucket(LOCKED, minio.endpoint),
            binding_id: 'b-briar',
            organization_id: briar.id,
            prefix: 'briar',
            activated_at: ago(90 * DAY),
          },
          {
            ...inBucket(LOCKED, minio.endpoint),
            binding_id: 'b-clover',
            organization_id: clover.id,
            prefix: 'clover/',
            activated_at: ago(DAY),
          },
          {
            ...binding,
            binding_id: 'b-clover-old',
            organization_id: clover.id,
            kind: 'local_filesystem_dedicated',
            state: 'inactive',
            path: old,
            activated_at: ago(90 * DAY),
          },
          {
            ...inBucket(AWS, moto.endpoint),
            binding_id: 'b-fennel',
            organization_id: fennel.id,
            prefix: 'fennel',
            activated_at: ago(90 * DAY),
          },
          dedicated(daisy),
          dedicated(elder),
        ],
      });
    }, 180_000);

    afterAll(async () => {
      clients?.minio.destroy();
      clients?.moto.destroy();
      await install?.[Symbol.asyncDispose]();
      await vault?.[Symbol.asyncDispose]();
      await minio?.[Symbol.asyncDispose]();
      await moto?.[Symbol.asyncDispose]();
    });

    it('kept well are covered, whichever set keeps them', { timeout: SCAN_MS + 10_000 }, async () => {
      const report = await audit('well', await configured());
      for (const one of [alder, daisy, elder])
        expect(of(report, 'FILE-3', one)).toMatch(
          /^pass, backup set .* of 2 files found in the live store each is in it/,
        );
      expect(of(report, 'FILE-3', daisy)).toContain('in restic-set');
      expect(of(report, 'FILE-3', elder)).toMatch(/backup set elder-1 of host \S+ in borg-set/);
      for (const one of [daisy, elder]) {
        expect(of(report, 'FILE-4', one)).toMatch(/^pass/);
        expect(of(report, 'FILE-8', one)).toMatch(/^pass/);
        expect(of(report, 'FILE-10', one)).toMatch(/^pass/);
      }
      expect(of(report, 'FILE-7', fennel)).toMatch(/^pass/);
      for (const one of [alder, briar, clover, daisy, elder, fennel]) {
        expect(of(report, 'FILE-1', one), one.slug).toMatch(/^pass/);
      }
      expect(verdicts(report)).toEqual(VERDICTS.well);
    });

    it('in a repository with damaged data are unknown, once it is read in full', {
      timeout: SCAN_MS + 10_000,
    }, async () => {
      const altered = join(restic.root, 'data/00', '0'.repeat(64));
      await mkdir(join(restic.root, 'data/00'), { recursive: true });
      await writeFile(altered, 'not what its name tells');
      try {
        const directory = join(install.directories.reports, 'altered');
        const { report } = await scan(await configured(), directory, { environment }, ['--depth', 'full']);
        for (const control of ['FILE-3', 'FILE-4', 'FILE-10']) {
          expect(of(report, control, daisy)).toMatch(/^unknown, .*1 file of the repository is damaged/);
          expect(of(report, control, elder)).toMatch(/^pass/);
        }
      } finally {
        await rm(altered);
      }
    });

    it('damaged are found, each for its own reason, and nothing is said of others', {
      timeout: SCAN_MS + 10_000,
    }, async () => {
      const before = reports.get('well');
      if (before === undefined) throw new Error('they were not seen well');
      const later = { ...(await damaged()) };
      const report = await audit('damaged', later.configFile);
      expect(of(report, 'FILE-8', clover)).toMatch(/^fail, of 2 files drawn: 1 not there/);
      expect(of(report, 'FILE-6', clover)).toMatch(/^fail/);
      expect(of(report, 'FILE-3', daisy)).toMatch(/^fail, .*it lies in the failure domain that is lost/);
      expect(of(report, 'FILE-4', daisy)).toMatch(/^fail/);
      expect(of(report, 'FILE-10', daisy)).toMatch(/^fail/);
      expect(of(report, 'FILE-3', elder)).toMatch(/^pass/);
      expect(of(report, 'HOST-1', NAMES.installHost)).toMatch(/^fail, .*other contents/);
      expect(of(report, 'HOST-3', NAMES.installHost)).toMatch(/^fail/);
      expect(of(report, 'FILE-3', alder)).toBe(of(before, 'FILE-3', alder));
      expect(verdicts(report)).toEqual(VERDICTS.damaged);
    });

    it('that the audit may not look at are unknown, each for its own reason', {
      timeout: SCAN_MS + 10_000,
    }, async () => {
      const refused = { [SECRETS.id]: 'nobody', [SECRETS.restic]: 'wrong', [SECRETS.borg]: 'wrong' };
      const configFile = await configured((configuration) => ({
        ...configuration,
        install: { ...configuration.install, collectorRunsHere: false },
        locations: (configuration.locations ?? []).map((location) =>
          location.kind === 'directory' && [NAMES.files, NAMES.installers].some((name) => name === location.name)
            ? { ...location, path: join(install.directories.root, 'not-mounted') }
            : location,
        ),
      }));
      const report = await audit('blind', configFile, refused);
      expect(of(report, 'FILE-3', daisy)).toMatch(/^unknown, .*restic refuses the password/);
      expect(of(report, 'FILE-3', elder)).toMatch(/^unknown, .*borg has no passphrase/);
      expect(of(report, 'FILE-1', clover)).toMatch(/^unknown/);
      expect(verdicts(report)).toEqual(VERDICTS.blind);
    });

    it('that nobody listed, and credentials of which a word expired, are unknown', {
      timeout: SCAN_MS + 10_000,
    }, async () => {
      const storage = 'SELECT ON novantra.storage_bindings';
      await install.server.query(`REVOKE ${storage} FROM ${NAMES.auditor}`, NAMES.installDatabase);
      try {
        const report = await audit('unlisted', await configured(await withLapsedWord()));
        expect(verdicts(report)).toEqual(VERDICTS.unlisted);
      } finally {
        await install.server.query(`GRANT ${storage} TO ${NAMES.auditor}`, NAMES.installDatabase);
      }
    });

    it.each(SEEN)('%s: %s in the run called %s', (controlId, status, run, slug, because) => {
      const report = reports.get(run);
      if (report === undefined) throw new Error(`there is no run ${run}`);
      const id = install.organizations.find((one) => one.slug === slug)?.id ?? null;
      const found = report.findings.filter((one) => one.controlId === controlId && one.subject.organizationId === id);
      expect(found).toContainEqual(expect.objectContaining({ status, because: expect.stringMatching(because) }));
    });

    it('are all in that table, each in every way that it can end', () => {
      const told = Object.fromEntries(
        CONTROLS.map((id) => [id, SEEN.filter(([control]) => control === id).map(([, status]) => status)]),
      );
      expect(told).toEqual(Object.fromEntries(CONTROLS.map((id) => [id, ['pass', 'fail', 'unknown']])));
    });

    /** The attestations of the install, changed. @returns a file of its own */
    async function attested(name: string, change: (all: readonly Attestation[]) => readonly object[]): Promise<string> {
      const { root } = install.directories;
      const { attestations } = parse(await readFile(join(root, 'attestations.yaml'), 'utf8')) as Attestations;
      await writeFile(join(root, name), stringify({ attestations: change(attestations) }));
      return join(root, name);
    }

    /** The word on credentials is of before, as it is on the day after it expired. */
    async function withLapsedWord(): Promise<(configuration: ConfigurationInput) => ConfigurationInput> {
      const expires = ago(DAY).slice(0, 10);
      const attestations = await attested('lapsed.yaml', (all) =>
        all.map((one) => (one.id === 'credentials' ? { ...one, expires } : one)),
      );
      return (configuration) => ({ ...configuration, attestations });
    }

    /** Harm of every kind. */
    async function damaged(): Promise<{ readonly configFile: string }> {
      const { hostRoot, installers, root } = install.directories;
      await clients.minio.send(new DeleteObjectCommand({ Bucket: LOCKED, Key: 'clover/documents/2.txt' }));
      await clients.minio.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: LOCKED,
          LifecycleConfiguration: {
            Rules: [
              { ID: 'all', Status: 'Enabled', Filter: { Prefix: 'clover/documents/' }, Expiration: { Days: 30 } },
            ],
          },
        }),
      );
      await writeFile(join(hostRoot, 'etc/novantra/bootstrap.env'), 'NOVANTRA_INSTALL=another\n');
      await chmod(join(hostRoot, 'etc/novantra/bootstrap.env'), 0o644);
      await writeFile(join(hostRoot, 'var/lib/novantra/onprem/new.json'), '{}');
      await rename(installers, join(root, 'installers-gone'));
      await mkdir(installers);
      await rm(join(hostRoot, 'srv/old-clover'), { recursive: true });
      const binding = { region: null, prefix: null, path: null, state: 'active', kind: 's3', endpoint: minio.endpoint };
      await install.add('novantra', {
        storage_bindings: [
          // A second active one, in a bucket without versions, and inside the place of another.
          {
            ...binding,
            binding_id: 'b-fennel-2',
            organization_id: fennel.id,
            bucket: PLAIN,
            activated_at: ago(80 * DAY),
          },
          {
            ...binding,
            binding_id: 'b-briar-2',
            organization_id: briar.id,
            bucket: PLAIN,
            prefix: 'inside/',
            activated_at: ago(80 * DAY),
          },
        ],
      });
      const attestations = await attested('fewer.yaml', (all) =>
        all.filter(({ id }) => !['credentials', 'offline-files', 'encryption-host'].includes(id)),
      );
      const configFile = await configured((configuration) => ({
        ...configuration,
        attestations,
        locations: (configuration.locations ?? []).map((location) =>
          location.kind === 'directory' && location.name === 'restic-set'
            ? { ...location, failureDomain: { host: NAMES.installHost, region: NAMES.region } }
            : location,
        ),
      }));
      return { configFile };
    }
  },
);
