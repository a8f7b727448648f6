import { systemClock } from '../../collect/ask.ts';
import { hostProbe } from '../../collect/hosts/probe/host-probe.ts';
import { localFileProbe } from '../../collect/local-file-probe.ts';
import { openS3Client } from '../../collect/open-s3-client.ts';
import {
  type ArtifactSample,
  drawArtifacts,
  estimatedRows,
  sampleDraws,
} from '../../collect/organizations/artifact-sample.ts';
import type { DatasetMapping } from '../../collect/organizations/dataset-source.ts';
import { openReadOnly } from '../../collect/postgres/read-only-connection.ts';
import { findServer } from '../../collect/servers.ts';
import type { Config } from '../../config/schema.ts';
import { SourceError } from '../../model/source-error.ts';
import { counted } from '../../model/text.ts';
import { type Check, ok, unanswered, warning } from './check.ts';
import type { NamedServer } from './database-session.ts';
import type { DoctorContext } from './doctor-context.ts';
import type { ExampleTenant } from './install-database-checks.ts';

const AREA = 'samples';
/** Rows that are drawn to see that it can be done. */
const ROWS = 5;
/** A name that no file has: that it is not there is an answer, too. */
const NO_FILE = 'recoverage-doctor';

/** Whether artifact rows can be drawn, and single files be asked for, as FILE-8 does both. No name of a file is printed. */
export async function sampleChecks(
  context: DoctorContext,
  servers: readonly NamedServer[],
  example: ExampleTenant | null,
): Promise<readonly Check[]> {
  const { config, mapping } = context;
  if (config.collect.fileSample.rows === 0) {
    const what = 'collect.fileSample.rows is 0: no file is looked for, and FILE-8 will be unknown';
    return [warning(AREA, what, 'Set collect.fileSample.rows to 59, or leave it out.')];
  }
  const drawn = example === null || mapping === null ? null : await draw(context, servers, example, mapping);
  const buckets = await Promise.all(config.stores.s3.map((bucket) => bucketCheck(context, bucket)));
  return [
    ...(drawn === null ? [] : [drawn.check]),
    ...buckets,
    ...(example === null ? [] : await directoryCheck(context, example, drawn?.sample ?? null)),
  ];
}

interface Drawing {
  readonly check: Check;
  readonly sample: ArtifactSample | null;
}

async function draw(
  context: DoctorContext,
  servers: readonly NamedServer[],
  example: ExampleTenant,
  mapping: DatasetMapping,
): Promise<Drawing | null> {
  if (mapping.tenant.artifacts.kind === 'absent') {
    const what = 'dataset artifacts is declared absent: no file is looked for, and FILE-8 will be unknown';
    return { check: warning(AREA, what, 'Give dataset artifacts a statement in the mapping.'), sample: null };
  }
  const opened = servers.flatMap(({ server }) => (server === null ? [] : [server]));
  const server = findServer(opened, example.host, example.port);
  // What keeps its database from being asked has a line of its own.
  if (server === null) return null;
  try {
    const connection = await openReadOnly(server.settings(example.database), context.signal);
    try {
      const question = { rows: ROWS, seed: context.config.collect.fileSample.seed ?? 1, before: systemClock() };
      const total = (await estimatedRows(connection, mapping, example.schemaName)) ?? 0;
      const draws = sampleDraws(mapping, question, total);
      const sample = await drawArtifacts(connection, draws, question, example.schemaName);
      const found = `${counted(sample.rows.length, 'row')} of dataset artifacts of organization ${example.organizationId}`;
      return { check: ok(AREA, `${found} ${sample.rows.length === 1 ? 'was' : 'were'} ${sample.method}`), sample };
    } finally {
      await connection.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    const blindSpot = context.asker.blindSpotOf(error, 'dataset artifacts');
    return { check: unanswered(AREA, 'dataset artifacts', blindSpot), sample: null };
  }
}

/** One object is asked for by its name, as single files are: the first that is listed, else one that is not there. */
async function bucketCheck(context: DoctorContext, access: Config['stores']['s3'][number]): Promise<Check> {
  const { bucket } = access;
  const { signal } = context;
  try {
    const { s3BucketTree } = await import('../../collect/trees/s3-bucket.ts');
    const { s3FileProbe } = await import('../../collect/stores/s3-file-probe.ts');
    const client = await openS3Client(context, access, `stores.s3 ${bucket}`);
    try {
      const { checksums } = context.config.collect.fileSample;
      const timeoutMillis = context.config.collect.requestTimeoutSeconds * 1000;
      const probe = s3FileProbe(client, { bucket, prefix: '', checksums, timeoutMillis, signal });
      let key = NO_FILE;
      for await (const { path } of s3BucketTree({ client, bucket, prefix: '' }).list(signal)) {
        key = path;
        break;
      }
      await probe.look(key);
      return ok(AREA, `bucket ${bucket} may be asked for single objects`);
    } finally {
      client.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    return unanswered(AREA, bucket, context.asker.blindSpotOf(error, `bucket ${bucket}`));
  }
}

/** The directory of one organization on bundled storage. */
async function directoryCheck(
  { config, asker, signal }: DoctorContext,
  { organizationId }: ExampleTenant,
  sample: ArtifactSample | null,
): Promise<readonly Check[]> {
  const { stores, install } = config;
  const [row] = sample?.rows ?? [];
  if (stores.default === 'none' || !install.collectorRunsHere || row === undefined) return [];
  const root = stores.default.path.replaceAll('{organizationId}', organizationId);
  try {
    const probe = localFileProbe(root, { probe: hostProbe, signal });
    await probe.look(row.objectKey);
    return [ok(AREA, `${root} may be asked for single files`)];
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return [unanswered(AREA, root, asker.blindSpotOf(error, root))];
  }
}
