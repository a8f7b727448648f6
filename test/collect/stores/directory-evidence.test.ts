import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nothingToCopy } from '../../../src/collect/nothing-to-copy.ts';
import type { HostAnswer } from '../../../src/collect/recorded/host-bundle-lines.ts';
import { type JoinedBundleSource, joinBundles } from '../../../src/collect/recorded/joined-bundles.ts';
import { storeEvidence } from '../../../src/collect/stores/store-evidence.ts';
import { factView } from '../../../src/evaluate/fact-view.ts';
import { HOUR, type Instant, toInstant } from '../../../src/model/instant.ts';
import { evidence, fact } from '../../evaluate/fixture.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { emptyPart, NO_ESTATE, storeCollection } from './store-collection.ts';

const GONE = { reason: 'unreachable', detail: '"/srv/acme" does not exist', remedy: 'Check the path.' } as const;
const NOW = Date.now();
const before = (hours: number): Instant => toInstant(NOW - hours * HOUR);

type State = Extract<HostAnswer, { type: 'store' }>['state'];

/** A bundle of so many hours ago that tells of one directory; null: it was not there. */
function bundle(hours: number, path: string, state: State): JoinedBundleSource {
  const collectedAt = before(hours);
  const line = { type: 'store', collectedAt, path, state, attachment: 'local' } as const;
  return {
    bundle: {
      file: `host-${hours}.ndjson`,
      installId: 'inst',
      collectorHost: 'install-1',
      planId: 'plan',
      toolVersion: '0',
      startedAt: collectedAt,
      finishedAt: collectedAt,
      digest: `digest ${hours}`,
      isAuthenticated: true,
    },
    answers: (async function* (): AsyncGenerator<HostAnswer> {
      yield { ...line, blindSpot: state === null ? GONE : null };
    })(),
    keyDigest: (id) => id,
  };
}

const FULL = { isDirectory: true, empty: false };
const EMPTY = { isDirectory: true, empty: true };

async function told(path: string, bundles: readonly JoinedBundleSource[], collectorRunsHere: boolean) {
  const plain = storeCollection({});
  const install = { ...plain.config.install, collectorRunsHere };
  const joined = await joinBundles(bundles, () => null, plain.config);
  const collection = { ...plain, config: { ...plain.config, install }, joined };
  const part = emptyPart();
  const binding = fact('storage-binding', { kind: 'bundled', bucket: null, path });
  await storeEvidence(collection, NO_ESTATE, part, 'acme', binding);
  const [subject] = part.subjects;
  if (subject === undefined) throw new Error('there is no store');
  const view = factView(part.evidence, toInstant(Date.now()), 24, () => 30);
  const { observations, blindSpots } = view.seen('store-state', subject.subject);
  return {
    part,
    subject: subject.subject,
    details: observations.map(({ value }) => value.detail),
    blind: blindSpots.map(({ blindSpot }) => blindSpot.detail),
  };
}

describe('a directory that several looks were taken at', () => {
  it('is not there where the newest bundle says so, in whatever order they are named', async () => {
    const bundles = () => [bundle(5, '/srv/acme', FULL), bundle(2, '/srv/acme', null)];
    for (const order of [bundles(), bundles().reverse()]) {
      expect(await told('/srv/acme', order, false)).toMatchObject({ details: [], blind: [GONE.detail] });
    }
  });

  it('is there again where the newest bundle says so', async () => {
    const bundles = [bundle(5, '/srv/acme', null), bundle(2, '/srv/acme', FULL)];
    expect(await told('/srv/acme', bundles, false)).toMatchObject({
      details: ['a directory that is not empty'],
      blind: [],
    });
  });

  it('is no directory any more where the newest bundle says so', async () => {
    const bundles = [bundle(5, '/srv/acme', FULL), bundle(2, '/srv/acme', { isDirectory: false, empty: false })];
    expect(await told('/srv/acme', bundles, false)).toMatchObject({
      details: [],
      blind: ['/srv/acme is no directory'],
    });
  });

  it('is what this run sees of it, whatever a bundle said before', async () => {
    using scratch = scratchDirectory('looks');
    const root = scratch.path;
    const gone = join(root, 'gone');
    const seen = await told(gone, [bundle(1, gone, FULL)], true);
    expect(seen.details).toEqual([]);
    expect(seen.blind).toEqual([expect.stringContaining('does not exist')]);
    const store = join(root, 'store');
    await mkdir(store);
    await writeFile(join(store, 'document'), 'x');
    expect(await told(store, [bundle(1, store, EMPTY)], true)).toMatchObject({
      details: ['a directory that is not empty'],
    });
  });

  it('is told with what it lies on, by a bundle or by this run, and without it by an older bundle', async () => {
    const disk = {
      ownMount: true,
      fileSystem: 'xfs',
      freeBytes: 5,
      totalBytes: 10,
      freeInodes: null,
      totalInodes: null,
    };
    const disksOf = ({ part }: Awaited<ReturnType<typeof told>>) =>
      part.evidence.flatMap((one) => (one.kind === 'store-state' ? one.items.map((item) => item.disk) : []));
    expect(disksOf(await told('/srv/acme', [bundle(2, '/srv/acme', { ...FULL, disk })], false))).toEqual([disk]);
    expect(disksOf(await told('/srv/acme', [bundle(2, '/srv/acme', FULL)], false))).toEqual([undefined]);
    using scratch = scratchDirectory('looks');
    expect(disksOf(await told(scratch.path, [], true))).toEqual([
      expect.objectContaining({ ownMount: false, totalBytes: expect.any(Number) }),
    ]);
  });

  it('needs a copy of what is in it, though it was empty in an older bundle', async () => {
    const bundles = [bundle(5, '/srv/acme', EMPTY), bundle(2, '/srv/acme', FULL)];
    const { part, subject } = await told('/srv/acme', bundles, false);
    part.evidence.push(evidence('file-copy', subject, [{ present: false }]));
    nothingToCopy(part);
    const copies = part.evidence.flatMap((one) => (one.kind === 'file-copy' ? one.items : []));
    expect(copies.map(({ present }) => present)).toContain(false);
    expect(copies.every(({ present }) => !present)).toBe(true);
  });
});
