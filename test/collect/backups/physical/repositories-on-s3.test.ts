import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAsker, systemClock } from '../../../../src/collect/ask.ts';
import type { PhysicalContents } from '../../../../src/collect/backups/physical/physical-copy.ts';
import { readPhysicalLocations } from '../../../../src/collect/backups/physical/read-physical.ts';
import { readWalGRepository } from '../../../../src/collect/backups/physical/wal-g-repository.ts';
import { openLocations } from '../../../../src/collect/open-locations.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { s3ReadPolicy } from '../../../../src/collect/trees/s3-operations.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { opensslUnavailable } from '../../../services/certificates.ts';
import { type MinioServer, minioUnavailable, startMinio, type TemporaryCredentials } from '../../../services/minio.ts';
import { type BackedUpCluster, pgBackRestUnavailable, startBackedUpCluster } from '../../../services/pgbackrest.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { startTlsFront, type TlsFront } from '../../../services/tls-front.ts';
import { collected } from '../../trees/collected.ts';
import { putBackup, putWal } from './wal-g-layout.ts';

const BUCKET = 'backups';
const PASSPHRASE = 'correct horse battery staple';
const signal = new AbortController().signal;
const infoOutput = z.array(z.object({ backup: z.array(z.object({ label: z.string() })) }));
const missing = minioUnavailable() ?? pgBackRestUnavailable() ?? opensslUnavailable();

interface Reading {
  readonly passphrase?: string;
  readonly depth?: 'structure' | 'full';
}

describe.skipIf(missing)('repositories in a bucket of MinIO, over TLS', () => {
  const cleanup = new AsyncDisposableStack();
  let minio: MinioServer;
  let front: TlsFront;
  /** Writes as root. */
  let client: S3Client;
  /** Reads with the rights that `recoverage permissions` prints. */
  let reader: TemporaryCredentials;
  let cluster: BackedUpCluster;

  /** What is read under a prefix of the bucket, as a configuration states it. */
  async function read(prefix: string, purpose: 'pgbackrest' | 'wal-g', how: Reading = {}): Promise<PhysicalContents> {
    const secrets: Readonly<Record<string, string>> = {
      'env:ID': reader.accessKeyId,
      'env:KEY': reader.secretAccessKey,
      'env:SESSION': reader.sessionToken,
      'env:PASSPHRASE': how.passphrase ?? 'none',
    };
    const config = configSchema.parse({
      version: 1,
      install: { host: 'h', database: { name: 'novantra', host: 'db1', user: 'u' } },
      locations: [
        {
          name: 'bucket',
          kind: 's3',
          bucket: BUCKET,
          prefix,
          endpoint: front.endpoint,
          caFile: front.caFile,
          forcePathStyle: true,
          accessKeyId: 'env:ID',
          secretAccessKey: 'env:KEY',
          sessionToken: 'env:SESSION',
          purposes: [purpose],
          ...(how.passphrase === undefined ? {} : { pgbackrest: { passphrase: 'env:PASSPHRASE' } }),
        },
      ],
    });
    const collection = {
      asker: createAsker(
        systemClock,
        Object.values(secrets).map((one) => new Secret(one)),
        signal,
      ),
      signal,
      config,
      secret: async (_setting: string, reference: string) => new Secret(secrets[reference] ?? ''),
    };
    const locations = await openLocations(collection);
    const [location] = await readPhysicalLocations(collection, locations, undefined, how.depth);
    if (location === undefined) throw new Error('no location was read');
    return location.contents;
  }

  const keysUnder = async (prefix: string, wanted: RegExp): Promise<readonly string[]> => {
    const listed = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
    return (listed.Contents ?? []).flatMap(({ Key }) => (Key !== undefined && wanted.test(Key) ? [Key] : []));
  };
  const remove = async (key: string | undefined): Promise<void> => {
    if (key === undefined) throw new Error('there is nothing to delete');
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
  };
  /** Labels of the backups that pgBackRest itself lists. */
  async function labels(repository: number): Promise<readonly string[]> {
    const output = await cluster.command('info', '--output=json', `--repo=${repository}`);
    return infoOutput.parse(JSON.parse(output))[0]?.backup.map(({ label }) => label) ?? [];
  }

  beforeAll(async () => {
    minio = cleanup.use(await startMinio());
    front = cleanup.use(await startTlsFront(minio.endpoint));
    client = minio.client();
    cleanup.defer(() => client.destroy());
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const policy: object = JSON.parse(s3ReadPolicy(BUCKET, '', 'copies'));
    reader = await minio.assumeRole(policy);
    const common = {
      type: 's3',
      's3-bucket': BUCKET,
      's3-endpoint': 'localhost',
      's3-region': minio.region,
      's3-key': minio.rootCredentials.accessKeyId,
      's3-key-secret': minio.rootCredentials.secretAccessKey,
      's3-uri-style': 'path',
      'storage-port': String(front.port),
      'storage-ca-file': front.caFile,
      bundle: 'y',
    };
    const closed = { 'cipher-type': 'aes-256-cbc', 'cipher-pass': PASSPHRASE };
    cluster = cleanup.use(
      await startBackedUpCluster({
        stanza: 'main',
        repositories: [
          { ...common, path: '/plain' },
          { ...common, ...closed, path: '/closed' },
        ],
      }),
    );
    for (const repository of [1, 2]) {
      for (const type of ['full', 'incr']) await cluster.command('backup', `--type=${type}`, `--repo=${repository}`);
    }
    await cluster.archiveSegment();
  }, 600_000);
  afterAll(() => cleanup.disposeAsync());

  it.each([
    ['not encrypted', 1, 'plain/', { depth: 'structure' }],
    ['encrypted', 2, 'closed/', { depth: 'structure', passphrase: PASSPHRASE }],
    ['encrypted, to the last byte', 2, 'closed/', { depth: 'full', passphrase: PASSPHRASE }],
  ] as const)(
    'hold what pgBackRest itself lists: %s',
    async (_, repository, prefix, how) => {
      const { copies, archives, blindSpot } = await read(prefix, 'pgbackrest', how);
      expect(blindSpot).toBeNull();
      const found = copies.map(({ kind, integrity, readToEnd, encrypted }) => [kind, integrity, readToEnd, encrypted]);
      const rest = ['complete', how.depth === 'full', repository === 2];
      expect(found).toEqual([
        ['full', ...rest],
        ['incremental', ...rest],
      ]);
      expect(copies.map(({ label }) => label.split('/').at(-1))).toEqual(await labels(repository));
      expect(archives[0]?.timelines).toMatchObject([{ timeline: 1, gaps: [], missing: 0 }]);
    },
    300_000,
  );

  it.each([
    ['without its passphrase', undefined],
    ['with another one', 'battery staple'],
  ])('prove nothing %s where they are encrypted', async (_, passphrase) => {
    const contents = await read('closed/', 'pgbackrest', passphrase === undefined ? {} : { passphrase });
    expect(contents.copies.filter(({ integrity }) => integrity === 'complete')).toEqual([]);
    expect(contents.blindSpot).not.toBeNull();
    expect(JSON.stringify(contents)).not.toContain('battery staple');
  });

  it('are known to lack what somebody deleted', async () => {
    await remove((await keysUnder('plain/backup/main/', /F\/bundle\/\d+$/))[0]);
    const { copies } = await read('plain/', 'pgbackrest');
    expect(copies[0]).toMatchObject({ kind: 'full', integrity: 'incomplete' });
    await remove((await keysUnder('closed/archive/main/', /[0-9A-F]{24}-/))[1]);
    const { archives } = await read('closed/', 'pgbackrest', { passphrase: PASSPHRASE });
    expect(archives[0]?.timelines[0]?.missing).toBe(1);
  });

  it('of WAL-G are read like those in a directory', async () => {
    using scratch = scratchDirectory('wal-g');
    await putBackup(scratch.path, { name: 'base_000000010000000000000002' });
    await putWal(scratch.path, [2, 3, 5]);
    const tree = localDirectoryTree({ root: scratch.path });
    for (const { path } of await collected(tree.list(signal))) {
      const Body = await readFile(join(scratch.path, path));
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `wal-g/${path}`, Body }));
    }
    const local = await readWalGRepository(tree, {
      depth: 'structure',
      declaredServer: null,
      signal,
      blindSpotOf: (error) => {
        throw error;
      },
    });
    expect(local.copies).toMatchObject([{ integrity: 'complete' }]);
    expect(local.archives[0]?.timelines[0]?.missing).toBe(1);
    expect(timeless(await read('wal-g/', 'wal-g'))).toEqual(timeless(local));
  });

  it('are read by requests that write nothing', async () => {
    const calls = await minio.calls(reader.accessKeyId);
    expect(calls.length).toBeGreaterThan(10);
    for (const { api } of calls) expect(api).toMatch(/^(?:Get|Head|List)/);
  });
});

/** Without the times that a storage gives, and the identities that they are part of. */
function timeless({ copies, archives, fullReadings, ...rest }: PhysicalContents) {
  return {
    ...rest,
    toRead: [...(fullReadings ?? [])].map(([label, { bytes }]) => ({ label, bytes })),
    copies: copies.map((copy) => ({ ...copy, modifiedAt: null })),
    archives: archives.map(({ timelines, ...archive }) => ({
      ...archive,
      timelines: timelines.map((line) => ({ ...line, lastArchivedAt: null, previousArchivedAt: null })),
    })),
  };
}
