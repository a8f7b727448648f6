import { chmod, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
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
import { stringify } from 'yaml';
import { DAY, HOUR, toInstant } from '../../src/model/instant.ts';
import { BORG_PASSPHRASE, borgRepository, borgUnavailable } from '../services/borg.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../services/minio.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../services/moto.ts';
import { RESTIC_PASSWORD, type ResticRepository, resticRepository, resticUnavailable } from '../services/restic.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES, STAND_IN } from './install-configuration.ts';
import { DOCUMENT } from './install-rows.ts';
import { type InstallOrganization, organizationsOf } from './organizations.ts';
import { type ReportDocument, scan, verdictsOf } from './read-report.ts';

const LOCKED = 'locked-files';
const PLAIN = 'plain-files';
const AWS = 'aws-files';
const SECRETS = { id: 'E2E_S3_ID', secret: 'E2E_S3_SECRET', restic: 'E2E_RESTIC', borg: 'E2E_BORG' } as const;
const REASONS = ['minio', 'moto', 'restic', 'borg'] as const;
const missing = [minioUnavailable(), motoUnavailable(), resticUnavailable(), borgUnavailable()];
const unavailable = REASONS.flatMap((name, index) => (missing[index] == null ? [] : [`${name}: ${missing[index]}`]));

/** Controls of files and hosts, and of what a recovery makes of them. */
const CONTROLS = [
  ...Array.from({ length: 10 }, (_, index) => `FILE-${index + 1}`),
  ...Array.from({ length: 5 }, (_, index) => `HOST-${index + 1}`),
];
/**
 * Whether credentials are attested is read from a file of the audit itself: without it nothing is audited. What of two
 * organizations' stores overlaps is unknown only where the install database does not list the stores.
 */
const NEVER_UNKNOWN_HERE = ['HOST-5', 'FILE-2'];

/**
 * One organization for each kind of binding: bundled storage, buckets of a real server and of the emulator of AWS,
 * directories in repositories of restic and of Borg, and one in migration; seen well, damaged, and by an audit that may not
 * look.
 */
describe.skipIf(unavailable.length > 0)(
  `files and hosts (${unavailable.join('; ') || 'all servers are there'})`,
  () => {
    let install: Install;
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
      const options = { environment: { ...environment, ...secrets } };
      const { report } = await scan(configFile, join(install.directories.reports, name), options);
      reports.set(name, report);
      return report;
    };

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
      [install, minio, moto] = await Promise.all([buildInstall({ organizations }), startMinio(), startMoto()]);
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
      await minio?.[Symbol.asyncDispose]();
      await moto?.[Symbol.asyncDispose]();
    });

    it('kept well are covered, whichever set keeps them', async () => {
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
      expect(Object.values(verdictsOf(report)).length).toBe(6);
    });

    it('damaged are found, each for its own reason, and nothing is said of others', async () => {
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
    });

    it('that the audit may not look at are unknown, each for its own reason', async () => {
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
      expect(Object.values(verdictsOf(report))).not.toContain('covered');
    });

    it('have been seen to pass, to fail and to be unknown, control by control', () => {
      const seen = Object.fromEntries(
        CONTROLS.map((id) => [
          id,
          [
            ...new Set(
              [...reports.values()].flatMap(({ findings }) =>
                findings.filter(({ controlId }) => controlId === id).map(({ status }) => status),
              ),
            ),
          ]
            .filter((status) => status !== 'not-applicable')
            .sort(),
        ]),
      );
      const all = ['fail', 'pass', 'unknown'];
      const wanted = CONTROLS.map((id) => [id, NEVER_UNKNOWN_HERE.includes(id) ? ['fail', 'pass'] : all]);
      expect(seen).toEqual(Object.fromEntries(wanted));
    });

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
      await writeFile(join(root, 'no-attestations.yaml'), stringify({ attestations: [] }));
      const configFile = await configured((configuration) => ({
        ...configuration,
        attestations: join(root, 'no-attestations.yaml'),
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
