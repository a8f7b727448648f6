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
  /** True where the last night's dumps that nothing is planted in are made by a real pg_dump instead. */
  readonly lastNightIsReal: boolean;
  readonly signal: AbortSignal;
}

/** Organizations in whose last night something is planted. */
const PLANTED_LAST_NIGHT: ReadonlySet<string> = new Set(['elm', 'fir', 'grove']);

/** How long a run takes. */
const DURATION = 2 * MINUTE;

/** Writes every night's dumps, with what is planted in them, and returns the run records of the inventory. */
export async function writeDumpRuns(inputs: DumpRunsInputs): Promise<readonly Row[]> {
  const runs: Row[] = [];
  for (let nights = NIGHTS - 1; nights >= 0; nights -= 1) {
    inputs.signal.throwIfAborted();
    const night = inputs.timeline.night(nights);
    const isReal = inputs.lastNightIsReal && nights === 0;
    for (const organization of ORGANIZATIONS) {
      if (inputs.timeline.ago(organization.age) >= night) continue;
      if (!isReal || PLANTED_LAST_NIGHT.has(organization.slug))
        runs.push(await tenantRun(inputs, organization, nights));
    }
    if (isReal) continue;
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

/** Dumps for real what {@link writeDumpRuns} left to pg_dump, and returns the run records. */
export async function writeRealDumps(
  directory: string,
  timeline: Timeline,
  dump: (database: string, directory: string) => Promise<Row>,
): Promise<readonly Row[]> {
  const runs: Row[] = [];
  for (const { id, slug, age, database } of ORGANIZATIONS) {
    if (timeline.ago(age) >= timeline.night(0) || PLANTED_LAST_NIGHT.has(slug)) continue;
    runs.push({ ...runRow(PLANS.tenants, id, database, timeline.now), ...(await dump(database, directory)) });
  }
  const row = runRow(PLANS.install, null, NAMES.installDatabase, timeline.now);
  return [...runs, { ...row, ...(await dump(NAMES.installDatabase, directory)) }];
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
