import { createHash } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Instant, MINUTE, SECOND, toInstant, toMillis } from '../model/instant.ts';
import { plainDump } from './dump-template.ts';
import { PLANS } from './install-rows.ts';
import { type DemoOrganization, NAMES, ORGANIZATIONS, organizationOf } from './organizations.ts';
import type { ReferenceSchema } from './reference-schema.ts';
import type { Row, TableRows } from './table-rows.ts';
import { tenantRows } from './tenant-rows.ts';
import { NIGHTS, type Timeline } from './timeline.ts';

export interface DumpRunsInputs {
  readonly directory: string;
  readonly timeline: Timeline;
  readonly schema: ReferenceSchema;
  readonly serverVersion: string;
  /** What the install database held at an instant, with the runs recorded until then. */
  installRows(asOf: Instant, runs: readonly Row[]): TableRows;
  readonly signal: AbortSignal;
}

/** How long a run takes. */
const DURATION = 2 * MINUTE;

/** Writes every night's dumps, with what is planted in them, and returns the run records of the inventory. */
export async function writeDumpRuns(inputs: DumpRunsInputs): Promise<readonly Row[]> {
  const runs: Row[] = [];
  for (let nights = NIGHTS - 1; nights >= 0; nights -= 1) {
    inputs.signal.throwIfAborted();
    const night = inputs.timeline.night(nights);
    const existing = ORGANIZATIONS.filter((one) => inputs.timeline.ago(one.age) < night);
    for (const organization of existing) runs.push(await tenantRun(inputs, organization, nights));
    const startedAt = startOf(inputs, nights, ORGANIZATIONS.length);
    const text = plainDump({
      database: NAMES.installDatabase,
      serverVersion: inputs.serverVersion,
      startedAt,
      definitions: inputs.schema.install,
      rows: inputs.installRows(startedAt, runs),
    });
    const path = `${NAMES.installDatabase}/${stampOf(startedAt)}.sql`;
    const row = runRow(PLANS.install, null, NAMES.installDatabase, startedAt);
    runs.push({ ...row, ...(await artifact(inputs, path, Buffer.from(text), startedAt)) });
  }
  return runs;
}

async function tenantRun(inputs: DumpRunsInputs, organization: DemoOrganization, nights: number): Promise<Row> {
  const startedAt = startOf(inputs, nights, ORGANIZATIONS.indexOf(organization));
  const row = runRow(PLANS.tenants, organization.id, organization.database, startedAt);
  // Planted: the last three nights failed.
  if (organization.slug === 'elm' && nights < 3) {
    const error = 'pg_dump: error: could not write to output file: No space left on device';
    return { ...row, status: 'failed', error };
  }
  // Planted: the last night's plan wrote another organization's database into this one's file.
  const source = organization.slug === 'grove' && nights === 0 ? organizationOf('iris') : organization;
  const text = plainDump({
    database: source.database,
    serverVersion: inputs.serverVersion,
    startedAt,
    definitions: inputs.schema.tenant,
    rows: tenantRows(source, inputs.timeline, startedAt),
  });
  const whole = gzipSync(text);
  // Planted: the last night's dump was cut off while it was written, and nobody looked at how pg_dump ended.
  const isCut = organization.slug === 'fir' && nights === 0;
  const bytes = isCut ? whole.subarray(0, Math.floor(whole.length * 0.6)) : whole;
  const path = `${organization.database}/${stampOf(startedAt)}.sql.gz`;
  // Planted: a run recorded as succeeded whose file is gone.
  const isGone = organization.slug === 'hazel' && nights === 2;
  return { ...row, ...(await artifact(inputs, path, bytes, startedAt, !isGone)) };
}

/** Databases are dumped one after the other, the install database last. */
function startOf({ timeline }: DumpRunsInputs, nights: number, position: number): Instant {
  return toInstant(toMillis(timeline.night(nights)) + (position * MINUTE) / 2 + 4 * SECOND);
}

function stampOf(instant: Instant): string {
  return `${instant.slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function runRow(plan: string, organization: string | null, database: string, startedAt: Instant): Row {
  return {
    run_id: `run-${database}-${stampOf(startedAt)}`,
    plan_id: plan,
    organization_id: organization,
    database_name: database,
    status: 'succeeded',
    started_at: startedAt,
    finished_at: toInstant(toMillis(startedAt) + DURATION),
    artifact_uri: null,
    artifact_bytes: null,
    sha256: null,
    error: null,
  };
}

/** Writes a dump, dated by the end of its run, and says what the run record says of it. */
async function artifact(
  { directory }: DumpRunsInputs,
  path: string,
  bytes: Uint8Array,
  startedAt: Instant,
  keep = true,
): Promise<Row> {
  if (keep) {
    const file = join(directory, path);
    const finished = new Date(toMillis(startedAt) + DURATION);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    await utimes(file, finished, finished);
  }
  return {
    artifact_uri: `nas://${NAMES.copyHost}/dumps/${path}`,
    artifact_bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
