import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { hostProbe } from '../../collect/hosts/probe/host-probe.ts';
import { readAccess } from '../../collect/stores/bucket-access.ts';
import { readLifecycle } from '../../collect/stores/bucket-lifecycle.ts';
import { bucketAsker, isBlind } from '../../collect/stores/bucket-questions.ts';
import { readS3Store } from '../../collect/stores/s3-store.ts';
import type { Config } from '../../config/schema.ts';
import { type Check, clockChecks, ok, unanswered, warning } from './check.ts';
import type { DoctorContext } from './doctor-context.ts';

type BucketAccess = Config['stores']['s3'][number];

/** Every bucket of live files answers; so does the directory of bundled storage, where the collector can see it. */
export async function storeChecks(context: DoctorContext): Promise<readonly Check[]> {
  const { stores, install } = context.config;
  const checks = await Promise.all(stores.s3.map((bucket) => bucketChecks(context, bucket)));
  const bundled = stores.default === 'none' ? null : (stores.default.path.split('{organizationId}')[0] ?? null);
  if (bundled === null || !install.collectorRunsHere) return checks.flat();
  return [...checks.flat(), await directoryCheck(context, bundled)];
}

async function bucketChecks(context: DoctorContext, bucket: BucketAccess): Promise<readonly Check[]> {
  const area = 'stores';
  try {
    const { createS3Client } = await import('../../collect/trees/s3-client.ts');
    const secret = (reference: string) => context.secret(`stores.s3 ${bucket.bucket}`, reference);
    const timeoutMillis = context.config.collect.requestTimeoutSeconds * 1000;
    const client = createS3Client({
      region: bucket.region,
      forcePathStyle: bucket.forcePathStyle,
      accessKeyId: await secret(bucket.accessKeyId),
      secretAccessKey: await secret(bucket.secretAccessKey),
      timeoutMillis,
      requesterPays: bucket.requesterPays,
      ...(bucket.endpoint === undefined ? {} : { endpoint: bucket.endpoint }),
      ...(bucket.caFile === undefined ? {} : { caFile: bucket.caFile }),
      ...(bucket.sessionToken === undefined ? {} : { sessionToken: await secret(bucket.sessionToken) }),
    });
    try {
      const reading = await readS3Store(client, bucket.bucket, '', { timeoutMillis, signal: context.signal });
      const asker = bucketAsker(client, bucket.bucket, { timeoutMillis, signal: context.signal });
      const { block, acl, policy } = await readAccess(client, asker);
      const { versioning, objectLock, encryption, replication } = reading;
      const settings = [
        reading.empty,
        versioning,
        objectLock,
        encryption,
        replication,
        await readLifecycle(client, asker),
      ];
      const blind = [...settings, block, acl, policy].flatMap((one) => (isBlind(one) ? [one.blind] : []));
      return [
        ok(
          area,
          `bucket ${bucket.bucket} at ${client.locator} answers${reading.empty === true ? '; it is empty' : ''}`,
        ),
        ...blind.map((error) => unanswered(area, bucket.bucket, context.asker.blindSpotOf(error, bucket.bucket))),
        ...clockChecks(area, bucket.bucket, reading.clockOffsetMillis, context.clockToleranceMinutes),
      ];
    } finally {
      client.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    return [unanswered(area, bucket.bucket, context.asker.blindSpotOf(error, `bucket ${bucket.bucket}`))];
  }
}

async function directoryCheck(context: DoctorContext, path: string): Promise<Check> {
  try {
    const { isDirectory } = await hostProbe.ask({ ask: 'directory', path }, context.signal);
    if (isDirectory) return ok('stores', `bundled storage ${path} is there`);
    return warning('stores', `bundled storage ${path} is no directory`, 'Correct stores.default.path.');
  } catch (error) {
    return unanswered('stores', 'bundled storage', context.asker.blindSpotOf(error, 'bundled storage'));
  }
}

/** The files that starting the install needs, where the collector runs on its host. */
export async function hostChecks({ config }: DoctorContext): Promise<readonly Check[]> {
  const { install } = config;
  if (!install.collectorRunsHere) {
    const key = config.digestKey === undefined ? 'Configure a digestKey that both hosts can read, then let' : 'Let';
    const change = `${key} that host answer for itself (recoverage plan --only hosts, collect --plan there, scan --with), or run the collector on it (install.collectorRunsHere: true).`;
    return [warning('host', 'files of the install host are not looked at from here', change)];
  }
  return Promise.all([
    hostFileCheck('install.bootstrapFile', install.bootstrapFile, async (path) => access(path, constants.R_OK)),
    hostFileCheck('install.stateDirectory', install.stateDirectory, async (path) => void (await readdir(path))),
  ]);
}

async function hostFileCheck(setting: string, path: string, look: (path: string) => Promise<void>): Promise<Check> {
  try {
    await look(path);
    return ok('host', `${path} is there`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    const change = `Correct ${setting}, or let the user of the audit read it: recoverage permissions --source host.`;
    return warning('host', `${path} cannot be looked at (${code})`, change);
  }
}
