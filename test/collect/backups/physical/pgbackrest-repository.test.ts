import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPgBackRestInfoJson } from '../../../../src/collect/backups/physical/pgbackrest-info-json.ts';
import { readPgBackRestRepository } from '../../../../src/collect/backups/physical/pgbackrest-repository.ts';
import type {
  PhysicalContents,
  PhysicalCopy,
  ReadingDepth,
} from '../../../../src/collect/backups/physical/physical-copy.ts';
import { settleCopies } from '../../../../src/collect/backups/physical/settle-copies.ts';
import { readStanzaInfo } from '../../../../src/collect/formats/pgbackrest/backup-info.ts';
import { readBackupManifest } from '../../../../src/collect/formats/pgbackrest/backup-manifest.ts';
import { infoFileText } from '../../../../src/collect/formats/pgbackrest/info-file.ts';
import type { ArtifactTree } from '../../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import type { BlindSpot } from '../../../../src/model/evidence.ts';
import { toInstant, toMillis } from '../../../../src/model/instant.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { mendInfo } from '../../../fuzz/mending.ts';
import { type BackedUpCluster, pgBackRestUnavailable, startBackedUpCluster } from '../../../services/pgbackrest.ts';
import { type Alterations, alteredTree } from '../../trees/altered-tree.ts';

const PASSPHRASE = 'correct horse battery staple';
const HOSTILE_NAMES = ['a={"db-id":1,"db-last-system-id":2}', ' quo"te = ', '[#ünï]'];
const SETUP_TIMEOUT_MS = 600_000;

const missing = pgBackRestUnavailable();

describe.skipIf(missing !== null)('a repository that pgBackRest made', () => {
  const cleanup = new AsyncDisposableStack();
  let main: BackedUpCluster;
  let plain = '';
  let encrypted = '';
  let untouched: readonly string[] = [];
  let databases: readonly Record<string, unknown>[] = [];
  const labels: Record<string, string> = {};
  const identifiers: Record<string, string> = {};

  const identify = async ({ server }: BackedUpCluster): Promise<string> => {
    const [row] = await server.query('select system_identifier::text as id from pg_control_system()');
    return String(row?.['id']);
  };

  beforeAll(async () => {
    const repositories = [{}, { 'cipher-type': 'aes-256-cbc', 'cipher-pass': PASSPHRASE, bundle: 'y' }];
    main = cleanup.use(await startBackedUpCluster({ stanza: 'main', repositories }));
    [plain = '', encrypted = ''] = main.repositories;
    identifiers['main'] = await identify(main);
    for (const name of HOSTILE_NAMES) {
      await main.server.query(`create database "${name.replaceAll('"', '""')}"`);
    }
    databases = await main.server.query('select oid::int, datname as name from pg_database order by oid');
    labels['full'] = await main.backup('full', 1);
    await main.archiveSegment();
    labels['diff'] = await main.backup('diff', 1);
    await main.archiveSegment();
    await main.archiveSegment();
    labels['incr'] = await main.backup('incr', 1);
    labels['closedFull'] = await main.backup('full', 2);
    labels['closedIncr'] = await main.backup('incr', 2);
    labels['abandoned'] = await main.abandonBackup(1);
    await main.server.stop();

    await using first = await startBackedUpCluster({ stanza: 'other', repositories: [{}], at: [plain] });
    identifiers['first'] = await identify(first);
    for (const compression of ['none', 'zst', 'lz4', 'bz2']) {
      labels[compression] = await first.backup('full', 1, `--compress-type=${compression}`);
    }
    labels['copied'] = await first.backup('full', 1, '--archive-copy');
    await first.server.stop();
    await using second = await startBackedUpCluster({
      stanza: 'other',
      repositories: [{}],
      at: [plain],
      upgrade: true,
    });
    identifiers['second'] = await identify(second);
    labels['upgraded'] = await second.backup('full', 1);
    await second.server.query('create database "new\nline"');
    labels['newline'] = await second.backup('full', 1);
    // A server that stops archives its last segment.
    await second.server.stop();
    untouched = [await digest(plain), await digest(encrypted)];
  }, SETUP_TIMEOUT_MS);
  afterAll(() => cleanup.disposeAsync());

  const blindSpotOf = (error: unknown): BlindSpot => {
    if (!(error instanceof SourceError)) throw error;
    return { reason: error.reason, detail: error.message, remedy: error.remedy };
  };

  function read(
    root: string,
    depth: ReadingDepth = 'structure',
    { passphrase = null, altered = {}, only = /./ }: ReadOptions = {},
  ): Promise<PhysicalContents> {
    return readPgBackRestRepository(narrowed(alteredTree(localDirectoryTree({ root }), altered), only), {
      depth,
      passphrase: passphrase === null ? null : new Secret(passphrase),
      declaredServer: 'db1',
      signal: new AbortController().signal,
      blindSpotOf,
    });
  }

  function copyOf({ copies }: PhysicalContents, name: string): PhysicalCopy {
    const label = labels[name] ?? '';
    const copy = copies.find((one) => one.label.endsWith(`/${label}`));
    if (label === '' || copy === undefined) throw new Error(`no copy ${name} (${label}) among those read`);
    return copy;
  }

  /** One copy with the catalogues, without any other and without WAL. */
  const ofCopy = (name: string) => new RegExp(`info(\\.copy)?$|/${labels[name]}/`);
  const bytesAt = (root: string, path: string): Promise<Buffer> => readFile(join(root, path));
  const flipped = (bytes: Buffer, at = Math.floor(bytes.length / 2)): Buffer => {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    return changed;
  };
  async function digest(root: string): Promise<string> {
    const tree = localDirectoryTree({ root });
    const signal = new AbortController().signal;
    const lines: string[] = [];
    for await (const { path, bytes, modifiedAt } of tree.list(signal)) {
      const content = createHash('sha256').update(await bytesAt(root, path));
      lines.push(`${path} ${bytes} ${modifiedAt} ${content.digest('hex')}`);
    }
    return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
  }

  describe('tells what is in it', () => {
    it('full, differential and incremental backups with what they need', async () => {
      const contents = await read(plain);
      expect(contents.blindSpot).toBeNull();
      const [full, diff, incr] = ['full', 'diff', 'incr'].map((name) => copyOf(contents, name));
      expect([full?.kind, diff?.kind, incr?.kind]).toEqual(['full', 'differential', 'incremental']);
      expect(full?.needs).toEqual([]);
      expect(diff?.needs).toEqual([full?.label]);
      expect(incr?.needs).toEqual([full?.label]);
      for (const copy of [full, diff, incr]) {
        expect(copy).toMatchObject({ integrity: 'complete', readToEnd: false, encrypted: false, timeline: 1 });
        expect(copy).toMatchObject({ serverVersion: '15', timesFrom: 'backup.info', format: 'repository, gz' });
        expect(copy?.cluster).toEqual({ systemIdentifier: identifiers['main'], endpoints: [], declaredServer: 'db1' });
        expect(copy?.startedAt && copy.stoppedAt && copy.startedAt < copy.stoppedAt).toBe(true);
        expect(Math.abs(Date.now() - Date.parse(copy?.stoppedAt ?? ''))).toBeLessThan(SETUP_TIMEOUT_MS);
        expect(copy?.wal).toMatchObject({
          firstSegment: expect.stringMatching(/^[0-9A-F]{24}$/),
          startLsn: expect.stringMatching(/^0\/[0-9A-F]+$/),
          inside: false,
        });
      }
    });

    it('the databases with their object ids, whatever they are called', async () => {
      const found = [...(copyOf(await read(plain), 'full').databases ?? [])];
      expect(found.sort((one, other) => (one.oid ?? 0) - (other.oid ?? 0))).toEqual(databases);
      expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(HOSTILE_NAMES));
    });

    it('several stanzas, and several clusters in one, each with its own identifier and archive', async () => {
      const contents = await read(plain);
      expect(copyOf(contents, 'zst').cluster.systemIdentifier).toBe(identifiers['first']);
      expect(copyOf(contents, 'upgraded').cluster.systemIdentifier).toBe(identifiers['second']);
      expect(new Set(Object.values(identifiers)).size).toBe(3);
      expect(contents.archives.map(({ path, cluster }) => [path, cluster.systemIdentifier])).toEqual([
        ['archive/main/15-1', identifiers['main']],
        ['archive/other/15-1', identifiers['first']],
        ['archive/other/15-2', identifiers['second']],
      ]);
    });

    it('the WAL archive from its first segment to its last', async () => {
      const [archive] = (await read(plain)).archives;
      expect(archive).toMatchObject({ segmentBytes: 16 * 1024 * 1024, window: null });
      const [line] = archive?.timelines ?? [];
      expect(line).toMatchObject({ timeline: 1, firstSegment: '000000010000000000000001', gaps: [], missing: 0 });
      const info = JSON.parse((await main.command('info', '--output=json')).replaceAll(/:(\d{16,})/g, ':"$1"'));
      expect(line?.lastSegment).toBe(info[0].archive[0].max);
      expect(line?.previousArchivedAt && line.previousArchivedAt <= line.lastArchivedAt).toBe(true);
      // By the clock of the server, which is the same one here.
      expect(line?.lastWrittenAt && line.lastWrittenAt <= toInstant(toMillis(line.lastArchivedAt) + 1000)).toBe(true);
    });

    it('WAL inside a copy that was made with it', async () => {
      expect(copyOf(await read(plain), 'copied').wal?.inside).toBe(true);
    });

    it('an unfinished backup, which is no copy', async () => {
      const contents = await read(plain);
      const path = `backup/main/${labels['abandoned']}`;
      expect(contents.copies.map((copy) => copy.path)).not.toContain(path);
      expect(contents.unmatched).toEqual([
        expect.objectContaining({ path, what: 'a backup of pgBackRest that was never finished, or is being made now' }),
      ]);
    });

    it('a backup that pgBackRest itself cannot read: a name with a line feed breaks its manifest', async () => {
      const copy = copyOf(await read(plain), 'newline');
      expect(copy).toMatchObject({ integrity: 'incomplete', databases: null });
      expect(copy.integrityBecause).toMatch(/^line \d+ of backup\.manifest is no key and value$/);
    });
  });

  describe('read in full', () => {
    it('every compression is compared to its last byte', async () => {
      const contents = await read(plain, 'full');
      for (const name of ['full', 'diff', 'incr', 'none', 'zst', 'lz4', 'bz2', 'copied', 'upgraded']) {
        expect(copyOf(contents, name), name).toMatchObject({ integrity: 'complete', readToEnd: true });
      }
      expect(contents.archives.map(({ timelines }) => timelines[0]?.missing)).toEqual([0, 0, 0]);
      expect(contents.blindSpot).toBeNull();
    }, 180_000);

    it('encrypted and bundled files, too', async () => {
      const contents = await read(encrypted, 'full', { passphrase: PASSPHRASE });
      expect(contents.blindSpot).toBeNull();
      for (const name of ['closedFull', 'closedIncr']) {
        const copy = copyOf(contents, name);
        expect(copy).toMatchObject({ integrity: 'complete', readToEnd: true, encrypted: true });
        expect(copy.format).toBe('repository, gz, bundled, aes-256-cbc');
        expect(copy.cluster.systemIdentifier).toBe(identifiers['main']);
      }
    }, 180_000);
  });

  describe('encrypted', () => {
    it('without the passphrase: labels and WAL by their names, and a blind spot', async () => {
      const contents = await read(encrypted);
      expect(contents.copies.map(({ label }) => label)).toEqual([
        `main/${labels['closedFull']}`,
        `main/${labels['closedIncr']}`,
      ]);
      const incr = copyOf(contents, 'closedIncr');
      expect(incr).toMatchObject({
        integrity: 'unproven',
        encrypted: true,
        databases: null,
        stoppedAt: null,
        wal: null,
      });
      expect(incr.needs).toEqual([`main/${labels['closedFull']}`]);
      expect(incr.cluster.systemIdentifier).toBeNull();
      expect(contents.archives).toHaveLength(1);
      expect(contents.archives[0]?.timelines[0]).toMatchObject({ missing: 0, gaps: [] });
      expect(contents.blindSpot?.reason).toBe('unauthorized');
      expect(contents.blindSpot?.detail).toContain('no passphrase is given');
      expect(contents.blindSpot?.remedy).toContain('repo-cipher-pass');
    });

    it('with another passphrase: says that it does not open, and not what was tried', async () => {
      const contents = await read(encrypted, 'full', { passphrase: 'not the right one' });
      expect(contents.blindSpot?.reason).toBe('unauthorized');
      expect(contents.blindSpot?.detail).toContain('does not open with the passphrase that is given');
      expect(JSON.stringify(contents)).not.toContain('not the right one');
      expect(copyOf(contents, 'closedFull').integrity).toBe('unproven');
    });

    it('no passphrase of the repository or of what is below it is in the answer', async () => {
      const answer = JSON.stringify(await read(encrypted, 'structure', { passphrase: PASSPHRASE }));
      const info = infoFileText(
        chunks(await bytesAt(encrypted, 'backup/main/backup.info')),
        new Secret(PASSPHRASE),
        'x',
      );
      const inner = (await readStanzaInfo(info, 'x')).passphrase;
      expect(inner).not.toBeNull();
      expect(answer).not.toContain(inner?.reveal());
      expect(answer).not.toContain(PASSPHRASE);
    });
  });

  describe('damaged', () => {
    it.each(['flipped', 'cut', 'empty', 'gone'] as const)(
      'backup.info %s: its copy is read and it is said',
      async (how) => {
        const path = 'backup/main/backup.info';
        const bytes = await bytesAt(plain, path);
        const made = { flipped: flipped(bytes), cut: bytes.subarray(0, -20), empty: Buffer.alloc(0), gone: null }[how];
        const contents = await read(plain, 'structure', { altered: { [path]: made } });
        expect(copyOf(contents, 'incr').integrity).toBe('complete');
        expect(contents.blindSpot).toBeNull();
        expect(contents.unmatched.filter((one) => one.path === path)).toHaveLength(how === 'gone' ? 0 : 1);
      },
    );

    it('backup.info and its copy: no copy is proven, and it is a blind spot', async () => {
      const cut = (await bytesAt(plain, 'backup/main/backup.info')).subarray(0, 400);
      const altered = { 'backup/main/backup.info': cut, 'backup/main/backup.info.copy': cut };
      const contents = await read(plain, 'structure', { altered });
      const copy = copyOf(contents, 'incr');
      expect(copy).toMatchObject({ integrity: 'unproven', timesFrom: 'backup.manifest' });
      expect(copy.needs).toHaveLength(1);
      expect(copy.cluster.systemIdentifier).toBe(identifiers['main']);
      expect(contents.blindSpot).toMatchObject({ reason: 'malformed' });
      expect(copyOf(contents, 'upgraded').integrity).toBe('complete');
    });

    it('archive.info and its copy: no copy is proven, as its WAL is not restored, and it is a blind spot', async () => {
      const altered = { 'archive/main/archive.info': Buffer.from('x'), 'archive/main/archive.info.copy': null };
      const contents = await read(plain, 'structure', { altered });
      expect(contents.archives[0]?.cluster.systemIdentifier).toBe(identifiers['main']);
      expect(contents.blindSpot?.detail).toContain('archive.info');
      const { integrity, integrityBecause } = copyOf(contents, 'full');
      expect(integrity).toBe('unproven');
      expect(integrityBecause).toContain('pgBackRest restores nothing in this state');
    });

    it('a manifest: its copy is read; both: the copy is incomplete', async () => {
      const path = `backup/main/${labels['full']}/backup.manifest`;
      const bad = flipped(await bytesAt(plain, path));
      const one = copyOf(await read(plain, 'structure', { altered: { [path]: bad } }), 'full');
      expect(one.integrity).toBe('complete');
      expect(one.integrityBecause).toContain('the copy of its manifest was taken');
      const both = { [path]: bad, [`${path}.copy`]: bad };
      expect(copyOf(await read(plain, 'structure', { altered: both }), 'full')).toMatchObject({
        integrity: 'incomplete',
      });
    });

    it.each([
      ['backup.info', 'backup.info', /^(LABEL=.*"backup-error":)false/m, '$1true'],
      ['its manifest', 'LABEL/backup.manifest', /^(pg_data\/base\/.*"checksum-page":)true/m, '$1false'],
    ] as const)(
      'a whole backup of which %s says that pgBackRest met pages with wrong checksums',
      async (_where, file, pattern, noted) => {
        const label = labels['none'] ?? '';
        const path = `backup/other/${file.replace('LABEL', label)}`;
        const whole = await bytesAt(plain, path);
        const text = whole.toString('latin1');
        const made = text.replace(new RegExp(pattern.source.replace('LABEL', label), 'm'), noted);
        expect(made).not.toBe(text);
        // Without its checksum mended, the copy of the file would be taken in its place.
        expect(Buffer.from(mendInfo(whole)).equals(whole)).toBe(true);
        const altered = { [path]: mendInfo(Buffer.from(made, 'latin1')) };
        expect(copyOf(await read(plain, 'structure', { only: ofCopy('none') }), 'none').integrity).toBe('complete');
        expect(copyOf(await read(plain, 'structure', { altered, only: ofCopy('none') }), 'none')).toMatchObject({
          integrity: 'incomplete',
          integrityBecause: expect.stringContaining('pgBackRest found pages with wrong checksums'),
        });
      },
    );

    it('a listed backup of which nothing is left is incomplete', async () => {
      const root = `backup/main/${labels['incr']}/`;
      const altered: Record<string, null> = {};
      for await (const { path } of localDirectoryTree({ root: plain }).list(new AbortController().signal)) {
        if (path.startsWith(root)) altered[path] = null;
      }
      expect(Object.keys(altered).length).toBeGreaterThan(2);
      const contents = await readPgBackRestRepository(withoutFiles(plain, altered), {
        depth: 'structure',
        passphrase: null,
        declaredServer: null,
        signal: new AbortController().signal,
        blindSpotOf,
      });
      const copy = copyOf(contents, 'incr');
      expect(copy).toMatchObject({
        integrity: 'incomplete',
        integrityBecause: 'backup.manifest is not there',
        bytes: 0,
      });
      expect(copy.stoppedAt).not.toBeNull();
    });

    it('a backup of which nothing is left leaves those whole that take no file from it', async () => {
      const manifest = (await bytesAt(plain, `backup/main/${labels['incr']}/backup.manifest`)).toString();
      // The servers stood still between the two: the list names the differential one, and no file does.
      expect(manifest).toMatch(new RegExp(`backup-reference="[^"]*${labels['diff']}`));
      expect(manifest).not.toContain(`"reference":"${labels['diff']}"`);
      const altered: Record<string, null> = {};
      for await (const { path } of localDirectoryTree({ root: plain }).list(new AbortController().signal)) {
        if (path.startsWith(`backup/main/${labels['diff']}/`)) altered[path] = null;
      }
      const contents = await readPgBackRestRepository(withoutFiles(plain, altered), {
        depth: 'structure',
        passphrase: null,
        declaredServer: null,
        signal: new AbortController().signal,
        blindSpotOf,
      });
      const settled = settleCopies(contents.copies, contents.archives);
      const stateOf = (name: string) => settled.find(({ label }) => label.endsWith(`/${labels[name]}`))?.integrity;
      expect(['full', 'diff', 'incr'].map(stateOf)).toEqual(['complete', 'incomplete', 'complete']);
    });

    it('a manifest that the list does not show and that is there by now proves nothing', async () => {
      const manifest = `backup/main/${labels['incr']}/backup.manifest`;
      const altered = { [manifest]: null, [`${manifest}.copy`]: null };
      const copy = copyOf(await read(plain, 'structure', { altered }), 'incr');
      expect(copy).toMatchObject({ integrity: 'unproven' });
      expect(copy.integrityBecause).toContain('while the repository was being read');
    });

    it('a full backup that backup.info lists no more: those that need it name it', async () => {
      const contents = await read(plain, 'structure');
      const rest = contents.copies.filter((copy) => copy !== copyOf(contents, 'full'));
      const needing = rest.filter(({ needs }) => needs.includes(copyOf(contents, 'full').label));
      expect(needing.map(({ kind }) => kind)).toEqual(['differential', 'incremental']);
    });

    it('a manifest that backup.info does not list is no copy', async () => {
      const at = `backup/main/20200101-000000F/backup.manifest`;
      const altered = { [at]: await bytesAt(plain, `backup/main/${labels['full']}/backup.manifest`) };
      const contents = await read(plain, 'structure', { altered });
      expect(contents.copies.map(({ path }) => path)).not.toContain('backup/main/20200101-000000F');
      const [orphan] = contents.unmatched.filter(({ path }) => path === 'backup/main/20200101-000000F');
      expect(orphan?.what).toContain('backup.info does not list');
    });

    it('a file that a manifest names is missing, cut or flipped', async () => {
      const path = `backup/main/${labels['full']}/pg_data/global/pg_control.gz`;
      const bytes = await bytesAt(plain, path);
      const verdict = async (made: Uint8Array | null, depth: ReadingDepth) =>
        copyOf(await read(plain, depth, { altered: { [path]: made }, only: ofCopy('full') }), 'full');
      const gone = await verdict(null, 'structure');
      expect(gone.integrity).toBe('incomplete');
      expect(gone.integrityBecause).toContain('"pg_data/global/pg_control" is missing');
      expect((await verdict(bytes.subarray(0, -1), 'structure')).integrity).toBe('incomplete');
      expect((await verdict(flipped(bytes), 'structure')).integrity).toBe('complete');
      const damaged = await verdict(flipped(bytes), 'full');
      expect(damaged).toMatchObject({ integrity: 'incomplete', readToEnd: false });
      expect(damaged.integrityBecause).toContain('"pg_data/global/pg_control" is damaged');
    }, 180_000);

    it.each(['zst', 'lz4', 'bz2'])(
      'a flipped file under %s is found in full',
      async (compression) => {
        const path = `backup/other/${labels[compression]}/pg_data/global/pg_control.${compression}`;
        const altered = { [path]: flipped(await bytesAt(plain, path)) };
        const only = ofCopy(compression);
        expect(copyOf(await read(plain, 'full', { altered, only }), compression).integrity).toBe('incomplete');
      },
      180_000,
    );

    it('a bundle that is cut or flipped', async () => {
      const path = `backup/main/${labels['closedFull']}/bundle/1`;
      const bytes = await bytesAt(encrypted, path);
      const verdict = async (made: Uint8Array | null, depth: ReadingDepth) =>
        copyOf(await read(encrypted, depth, { passphrase: PASSPHRASE, altered: { [path]: made } }), 'closedFull');
      expect((await verdict(null, 'structure')).integrity).toBe('incomplete');
      expect((await verdict(bytes.subarray(0, -1), 'structure')).integrity).toBe('incomplete');
      expect((await verdict(flipped(bytes), 'structure')).integrity).toBe('complete');
      expect((await verdict(flipped(bytes), 'full')).integrity).toBe('incomplete');
    }, 180_000);

    it('a WAL segment that is gone is a gap, and a damaged one is seen in full', async () => {
      const files: string[] = [];
      for await (const { path } of localDirectoryTree({ root: plain }).list(new AbortController().signal)) {
        if (/^archive\/main\/15-1\/.*-[0-9a-f]{40}\.gz$/.test(path)) files.push(path);
      }
      const third = files.sort()[2] ?? '';
      const segment = third.slice(third.lastIndexOf('/') + 1, third.lastIndexOf('-'));
      const lineOf = async (made: Uint8Array | null, depth: ReadingDepth) =>
        (await read(plain, depth, { altered: { [third]: made }, only: /^archive\/main/ })).archives[0]?.timelines[0];
      const gap = { gaps: [{ first: segment, last: segment }], missing: 1 };
      expect(await lineOf(null, 'structure')).toMatchObject(gap);
      expect(await lineOf(Buffer.alloc(0), 'structure')).toMatchObject(gap);
      const bytes = await bytesAt(plain, third);
      expect(await lineOf(bytes.subarray(0, -40), 'structure')).toMatchObject({ missing: 0 });
      expect(await lineOf(bytes.subarray(0, -40), 'full')).toMatchObject(gap);
      // A flipped bit of compressed zeros may make the same zeros; one of the checksum behind them never does.
      expect(await lineOf(flipped(bytes, bytes.length - 8), 'full')).toMatchObject(gap);
    }, 180_000);

    it('two different files of one WAL segment are none', async () => {
      const directory = 'archive/main/15-1/0000000100000000';
      const name = `000000010000000000000002-${'0'.repeat(40)}.gz`;
      const contents = await read(plain, 'structure', { altered: { [`${directory}/${name}`]: Buffer.from('x') } });
      expect(contents.archives[0]?.timelines[0]?.missing).toBe(1);
      expect(contents.unmatched.filter(({ what }) => what.includes('two different files'))).toHaveLength(2);
    });

    it('what does not belong there is listed', async () => {
      const altered = {
        'notes.txt': Buffer.from('x'),
        'backup/main/backup.info.pgbackrest.tmp': Buffer.from('x'),
        'archive/main/15-1/0000000100000000/core': Buffer.from('x'),
        'archive/main/tmp/file': Buffer.from('x'),
        'backup/main/somewhere/file': Buffer.from('x'),
      };
      const contents = await read(plain, 'structure', { altered });
      const expected = [...Object.keys(altered).filter((path) => !path.includes('somewhere')), 'backup/main/somewhere'];
      expect(contents.unmatched.map(({ path }) => path)).toEqual(expect.arrayContaining(expected));
    });
  });

  it('a directory that is no repository is a blind spot', async () => {
    const contents = await read(join(plain, 'backup', 'main'));
    expect(contents).toMatchObject({ copies: [], archives: [] });
    expect(contents.blindSpot).toMatchObject({ reason: 'unsupported' });
    expect((await read(join(plain, 'nowhere'))).blindSpot).toMatchObject({ reason: 'unreachable' });
  });

  it('an interrupted reading throws what interrupted it', async () => {
    const options = { depth: 'full', passphrase: null, declaredServer: null, blindSpotOf } as const;
    const reading = readPgBackRestRepository(localDirectoryTree({ root: plain }), {
      ...options,
      signal: AbortSignal.abort(new Error('stopped')),
    });
    await expect(reading).rejects.toThrow('stopped');
  });

  describe('told by pgbackrest info', () => {
    const readInfo = async (repository: number | null) => {
      const text = await main.command('info', '--output=json');
      const modifiedAt = '2026-11-22T12:00:00.000Z';
      return readPgBackRestInfoJson(text, {
        path: 'info.json',
        modifiedAt,
        declaredServer: 'db1',
        repository,
        blindSpotOf,
      });
    };

    it('the same backups as in the repository, and none of them proven', async () => {
      const told = (await readInfo(2)).copies;
      const seen = (await read(encrypted, 'structure', { passphrase: PASSPHRASE })).copies;
      const common = (copy: PhysicalCopy) => {
        const {
          kind,
          cluster,
          startedAt,
          stoppedAt,
          wal,
          timeline,
          serverVersion,
          toolVersion,
          encrypted: closed,
        } = copy;
        const names = [copy.label, ...copy.needs].map((label) => label.replace(/^repo2\//, ''));
        return { names, kind, cluster, startedAt, stoppedAt, wal, timeline, serverVersion, toolVersion, closed };
      };
      expect(told.map(common)).toEqual(seen.map(common));
      expect(told.map(({ integrity }) => integrity)).toEqual(['unproven', 'unproven']);
      expect(told[0]?.cluster.systemIdentifier).toBe(identifiers['main']);
    });

    it('all repositories where none is chosen, and what it cannot tell', async () => {
      const contents = await readInfo(null);
      expect(contents.copies).toHaveLength(5);
      expect(new Set(contents.copies.map(({ label }) => label)).size).toBe(5);
      expect(contents.archives).toEqual([]);
      expect(contents.blindSpot).toMatchObject({ reason: 'not-asked' });
    });
  });

  describe('altered at random', () => {
    it('2,000 inputs end in an answer or in a SourceError, and none is taken for whole', async () => {
      const files = [
        { bytes: await bytesAt(plain, 'backup/main/backup.info'), manifest: false, passphrase: null },
        {
          bytes: await bytesAt(plain, `backup/main/${labels['full']}/backup.manifest`),
          manifest: true,
          passphrase: null,
        },
        {
          bytes: await bytesAt(encrypted, 'backup/main/backup.info'),
          manifest: false,
          passphrase: new Secret(PASSPHRASE),
        },
      ];
      const random = generator(20261122);
      for (let round = 0; round < 2000; round += 1) {
        const file = files[round % 20 === 0 ? 1 : random(2) * 2] ?? files[0];
        if (file === undefined) throw new Error('no file');
        const kind = random(3);
        const at = random(file.bytes.length);
        const bytes = kind === 0 ? file.bytes.subarray(0, at) : Buffer.from(file.bytes);
        if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        if (kind === 2) for (let i = at; i < Math.min(bytes.length, at + 64); i += 1) bytes[i] = random(256);
        const text = infoFileText(chunks(bytes), file.passphrase, 'it');
        const reading = file.manifest ? readBackupManifest(text, 'it', () => undefined) : readStanzaInfo(text, 'it');
        // The last byte is a line feed, without which nothing is lost.
        if (kind === 0 && at === file.bytes.length - 1 && file.passphrase === null) await reading;
        else await expect(reading, `round ${round}, kind ${kind}, at ${at}`).rejects.toBeInstanceOf(SourceError);
      }
    }, 180_000);
  });

  it('all this reading left every byte and every time as it was', async () => {
    expect([await digest(plain), await digest(encrypted)]).toEqual(untouched);
  }, 180_000);

  /** Not even opening finds them. */
  function withoutFiles(root: string, gone: Readonly<Record<string, null>>) {
    const tree = alteredTree(localDirectoryTree({ root }), gone);
    return {
      ...tree,
      open: (path: string, signal: AbortSignal) => tree.open(Object.hasOwn(gone, path) ? `${path}.gone` : path, signal),
    };
  }
});

interface ReadOptions {
  readonly passphrase?: string | null;
  readonly altered?: Alterations;
  /** What is listed at all: reading a single copy in full is enough where only that one is asked about. */
  readonly only?: RegExp;
}

function narrowed(tree: ArtifactTree, only: RegExp): ArtifactTree {
  return {
    ...tree,
    async *list(signal) {
      for await (const file of tree.list(signal)) if (only.test(file.path)) yield file;
    },
  };
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
}

/** Linear congruential, so that a failing round can be run again. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
