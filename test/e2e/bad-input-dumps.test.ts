import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { referenceSchema } from '../../src/demo/reference-schema.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../services/postgres-debian.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import { BAD_DUMPS, makeBadDump, redate } from './bad-dumps.ts';
import { pgDump, recordOf } from './dump-run.ts';
import { buildInstall, type Install } from './install.ts';
import { NAMES, STAND_IN } from './install-configuration.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { type ReportDocument, readReport, scan } from './read-report.ts';
import { startCli } from './run-cli.ts';

const GOOD = organizationNamed('good');
const OLD = organizationNamed('old');
const TOKYO = organizationNamed('tokyo');
/** Its dump is SQL without the name of a database, with object ids in its comments. */
const VERBOSE = organizationNamed('verbose');
const PLAIN = [GOOD, OLD, TOKYO, VERBOSE];

describe.skipIf(debianPostgresUnavailable())('dumps that would not bring a database back', () => {
  let install: Install;
  let other: PostgresServer;
  let report: ReportDocument;
  let stderr: string;
  beforeAll(async () => {
    install = await buildInstall({
      organizations: [...PLAIN, ...BAD_DUMPS.map(({ slug }) => organizationNamed(slug))],
    });
    writeFileSync(join(install.directories.dumps, 'notes.txt'), 'Ask the administrator before removing dumps.');
    other = await startDebianPostgres();
    const foreignDump = join(install.directories.dumps, GOOD.database, 'kept.dump');
    await pgDump(install.server, GOOD.database, ['-Fc', `--file=${foreignDump}`]);
    for (const bad of BAD_DUMPS) {
      const organization = organizationNamed(bad.slug);
      const { database } = organization;
      if (bad.slug === 'cluster' || bad.slug === 'nameless') {
        await other.query(`CREATE DATABASE ${database}`);
        await other.query((await referenceSchema()).tenant, database);
      }
      await withoutDumps(organization);
      const place = join(install.directories.dumps, database, 'newest');
      await record(
        organization,
        await makeBadDump(bad, { server: install.server, other, database, foreignDump, place }),
      );
    }
    for (const [organization, zone] of [
      [OLD, 'UTC'],
      [TOKYO, 'Asia/Tokyo'],
    ] as const) {
      await withoutDumps(organization);
      const path = join(install.directories.dumps, organization.database, 'newest.dump');
      await pgDump(install.server, organization.database, ['-Fc', `--file=${path}`], zone);
      await record(organization, organization === OLD ? await redate(path, 'day', -3) : path);
    }
    await withoutDumps(VERBOSE);
    const verbose = join(install.directories.dumps, VERBOSE.database, 'newest.sql');
    await pgDump(install.server, VERBOSE.database, ['-Fp', '-v', `--file=${verbose}`]);
    await record(VERBOSE, verbose);
    ({ report, stderr } = await scan(install.configFile, join(install.directories.reports, 'bad'), install));
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await other?.[Symbol.asyncDispose]();
  });

  async function withoutDumps({ database }: InstallOrganization): Promise<void> {
    const directory = join(install.directories.dumps, database);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory);
  }
  /** The worst case: the run record, started just now, speaks of exactly these bytes. */
  async function record({ id }: InstallOrganization, path: string): Promise<void> {
    const uri = `nas://backup-host/dumps/${path.slice(install.directories.dumps.length + 1)}`;
    const bytes = (await stat(path)).isDirectory() ? null : await recordOf(path);
    const [size, sum] = bytes === null ? ['NULL', 'NULL'] : [bytes.artifact_bytes, `'${bytes.sha256}'`];
    await install.server.query(
      `UPDATE novantra.backup_runs SET artifact_uri = '${uri}', artifact_bytes = ${size}, sha256 = ${sum} WHERE organization_id = '${id}'`,
      NAMES.installDatabase,
    );
  }
  /** Status and reason of a control for an organization's own database. */
  function judged(from: ReportDocument, controlId: string, { id }: InstallOrganization): string {
    const found = from.findings.filter(
      (finding) => finding.controlId === controlId && finding.subject.organizationId === id,
    );
    return found.map(({ status, because }) => `${status}: ${because}`).join('\n');
  }

  it('counts a good dump, so that what follows is worth something', () => {
    for (const control of ['DB-2', 'DB-3', 'DB-5', 'DB-6', 'DB-7'])
      expect(judged(report, control, GOOD)).toMatch(/^pass/);
  });

  it('counts SQL without a name inside by its record, where the object ids in its comments agree', () => {
    expect(judged(report, 'DB-2', VERBOSE)).toMatch(/^pass: .* by the record of a run and its checksum only/);
    expect(judged(report, 'DB-7', VERBOSE)).toMatch(
      /^pass: .* by the record of a run only: .* the object ids of its tables are those of the live database/,
    );
  });

  it('says of SQL without a name inside what speaks for it, and DB-7 is no surer of it than DB-2', () => {
    const nameless = judged(report, 'DB-7', organizationNamed('nameless'));
    expect(nameless).toMatch(/^unknown: .*no database is named inside, the record of a run has its checksum/);
    expect(nameless).toContain('the object ids of its tables are not those of the live database');
  });

  it.each(BAD_DUMPS)('$title', ({ slug, says, undecided }) => {
    const organization = organizationNamed(slug);
    const usable = judged(report, 'DB-2', organization);
    expect(usable).toMatch(undecided === true ? /^unknown/ : /^fail/);
    expect(usable).toMatch(says);
    expect(judged(report, 'DB-3', organization)).toMatch(undecided === true ? /^unknown/ : /^fail/);
    expect(judged(report, 'REC-1', organization)).toMatch(undecided === true ? /^unknown/ : /^fail/);
    const [row] = report.organizations.filter(({ organizationId }) => organizationId === organization.id);
    expect(row).toMatchObject({ verdict: undecided === true ? 'unknown' : 'not-recoverable', recoveryPoint: null });
  });

  it('three days old inside, though written and recorded today: a copy, not a recent one', () => {
    expect(judged(report, 'DB-2', OLD)).toMatch(/^pass/);
    expect(judged(report, 'DB-3', OLD)).toMatch(/^fail: newest usable copy is from .* 3 days old/);
  });

  it('a dump made under TZ=Asia/Tokyo in a location declared as UTC is not from the future, and counts', () => {
    expect(judged(report, 'DB-2', TOKYO)).toMatch(/^pass/);
    expect(judged(report, 'DB-3', TOKYO)).toMatch(/^pass/);
    expect(judged(report, 'RUN-2', TOKYO)).not.toMatch(/^fail/);
  });

  it('lists what is no dump, and ends with 1 for the gaps', () => {
    const listed = report.unmatched.map(({ path }) => path);
    expect(listed).toContain('notes.txt');
    // What a run names is a damaged copy of its database instead.
    for (const slug of ['zero', 'foreign'])
      expect(listed).not.toContain(`${organizationNamed(slug).database}/newest.dump`);
    expect(report.unmatchedTotal).toBe(listed.length);
    expect(report.exit.code).toBe(1);
    expect(stderr).toContain('not come back');
  });

  it('copies that lie only on the install host bring nothing back after its loss', async () => {
    const file = await install.variant((configuration) => ({
      ...configuration,
      locations: (configuration.locations ?? []).map((one) =>
        one.name === NAMES.dumps ? { ...one, failureDomain: { host: NAMES.installHost } } : one,
      ),
    }));
    const onHost = (await scan(file, join(install.directories.reports, 'on-host'), install)).report;
    expect(judged(onHost, 'DB-2', GOOD)).toMatch(/^pass/);
    expect(judged(onHost, 'REC-1', GOOD)).toMatch(/^fail: .*lies in the failure domain that is lost/s);
    expect(new Set(onHost.organizations.map(({ verdict }) => verdict))).toEqual(new Set(['not-recoverable']));
  });

  it('a location without a stated failure domain is unknown, with one notice that names the line to add', async () => {
    const file = await install.variant((configuration) => ({
      ...configuration,
      install: { ...configuration.install, collectorRunsHere: false },
      locations: (configuration.locations ?? []).map((one) =>
        one.name === NAMES.dumps ? { ...one, failureDomain: undefined } : one,
      ),
    }));
    const unstated = (await scan(file, join(install.directories.reports, 'unstated'), install)).report;
    expect(judged(unstated, 'DB-2', GOOD)).toMatch(/^pass/);
    expect(judged(unstated, 'REC-1', GOOD)).toMatch(/^unknown/);
    const notices = unstated.notices.filter(({ text, remedy }) =>
      /failureDomain|failure domain/.test(`${text} ${remedy}`),
    );
    const about = notices.filter(({ text, remedy }) => `${text} ${remedy}`.includes(NAMES.dumps));
    expect(about).toHaveLength(1);
    expect(about[0]?.remedy).toMatch(/failureDomain/);
  });

  it('a location with 100,000 small files costs bounded time and memory, and every one is listed', async () => {
    const crowd = join(install.directories.root, 'crowd');
    const note = join(install.directories.root, 'note.txt');
    for (let folder = 0; folder < 100; folder += 1) {
      const directory = join(crowd, String(folder));
      mkdirSync(directory, { recursive: true });
      // Links are made faster than files, and a file may have some 65,000 of them at most.
      if (folder % 50 === 0) writeFileSync(`${note}.${folder}`, 'no dump, only a note');
      const from = `${note}.${folder - (folder % 50)}`;
      for (let file = 0; file < 1000; file += 1) linkSync(from, join(directory, `${GOOD.database}-${file}.txt`));
    }
    const file = await install.variant((configuration) => ({
      ...configuration,
      locations: [
        ...(configuration.locations ?? []),
        {
          name: 'crowd',
          kind: 'directory',
          path: crowd,
          purposes: ['dumps'],
          failureDomain: { host: NAMES.backupHost, attachedAs: STAND_IN },
        },
      ],
    }));
    const directory = join(install.directories.reports, 'crowd');
    const args = ['scan', '--config', file, '--output', directory, '--format', 'json'];
    const running = startCli(args, { ...install, timeoutMillis: 400_000 });
    const cost = watchCost(running.pid);
    const { exitCode } = await running.result;
    expect(exitCode).toBe(1);
    const { memory, seconds } = cost();
    // Processor time, not that of the clock: other tests run beside this one.
    expect(seconds).toBeLessThan(100);
    expect(memory).toBeLessThan(700 * 1024 * 1024);
    const crowded = await readReport(directory);
    expect(crowded.unmatchedTotal).toBe(report.unmatchedTotal + 100_000);
    const list = (await readFile(join(directory, 'unmatched.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(list).toHaveLength(crowded.unmatchedTotal);
    expect(judged(crowded, 'DB-2', GOOD)).toMatch(/^pass/);
  }, 450_000);
});

interface Cost {
  /** Largest resident set, in bytes. */
  readonly memory: number;
  /** Of the processor. */
  readonly seconds: number;
}

/** Polls what a process takes; 0 where the system does not tell (only Linux does). Source: proc(5), at 100 ticks a second. */
function watchCost(pid: number): () => Cost {
  let cost: Cost = { memory: 0, seconds: 0 };
  const timer = setInterval(() => {
    try {
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
      const fields = after.split(' ');
      const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
      if (peak !== undefined) cost = { memory: Math.max(cost.memory, Number(peak) * 1024), seconds: ticks / 100 };
    } catch {
      // It has ended, or the system has no such files.
      clearInterval(timer);
    }
  }, 100);
  return () => {
    clearInterval(timer);
    return cost;
  };
}
