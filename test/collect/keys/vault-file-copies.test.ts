import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotLocation } from '../../../src/collect/keys/found-snapshot.ts';
import { readSnapshotLocation } from '../../../src/collect/keys/vault-snapshots.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import type { BlindSpot } from '../../../src/model/evidence.ts';
import { type ScratchDirectory, scratchDirectory } from '../../services/scratch.ts';
import { barrierValue } from '../formats/vault-snapshot/synthetic-snapshot.ts';
import { FIRST_WRITTEN, LAST_WRITTEN, storageEntries, UUID, writeStorage } from './vault-storage.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;

describe('copies of the files that Vault stores in', () => {
  let scratch: ScratchDirectory;
  let place: string;
  beforeEach(async () => {
    scratch = scratchDirectory('vault-files');
    place = join(scratch.path, 'place');
    await mkdir(place);
  });
  afterEach(() => scratch[Symbol.dispose]());

  const blindSpotOf = (error: unknown): BlindSpot => ({ reason: 'unreachable', detail: String(error), remedy: '' });
  function read(
    copiedWhileStopped = false,
    tree = localDirectoryTree({ root: place }),
    keepsFileTimes = true,
  ): Promise<SnapshotLocation> {
    return readSnapshotLocation({ name: 'vaults', tree, copiedWhileStopped, keepsFileTimes }, blindSpotOf, signal);
  }
  /** Packs the directory `vault` below the scratch directory. */
  async function pack(name: string, ...options: readonly string[]): Promise<void> {
    await run('tar', [...options, '-cf', join(place, name), '-C', scratch.path, 'vault']);
  }

  const whole = {
    location: 'vaults',
    takenAt: LAST_WRITTEN.toISOString(),
    complete: true,
    checksumsMatch: true,
    because: 'every entry that a key needs is there and whole; files carry no checksums',
    mountUuids: [UUID],
    raftServerIds: [],
    raftIndex: null,
    sealType: 'shamir',
    sealShares: 5,
    sealThreshold: 3,
    sealKeyId: null,
    storage: 'file',
  };

  it('is one for each directory, with the keys in it and when Vault wrote last', async () => {
    await writeStorage(join(place, 'monday/vault'), storageEntries(['acme', 'beta']));
    await writeStorage(join(place, 'tuesday/vault'), storageEntries(['acme']));
    await writeFile(join(place, 'notes.txt'), 'of the copies\n');
    const { snapshots, unmatched, blindSpot } = await read(true);
    expect(blindSpot).toBeNull();
    expect(unmatched.map(({ path }) => path)).toEqual(['notes.txt']);
    const byPath = new Map(snapshots.map((one) => [one.fact.path, one]));
    expect([...byPath.keys()].sort()).toEqual(['monday/vault', 'tuesday/vault']);
    expect(byPath.get('monday/vault')?.fact).toMatchObject({ ...whole, copiedWhileStopped: true });
    expect(byPath.get('monday/vault')?.holds(UUID, 'beta')).toBe(true);
    expect(byPath.get('tuesday/vault')?.holds(UUID, 'beta')).toBe(false);
    expect(JSON.stringify(snapshots.map(({ fact }) => fact))).not.toContain('acme');
  });

  it('is the location itself where that is the directory', async () => {
    await writeStorage(place, storageEntries(['acme']));
    const { snapshots } = await read();
    expect(snapshots.map(({ fact }) => fact)).toMatchObject([{ ...whole, path: '.', copiedWhileStopped: false }]);
  });

  it.each([
    ['plain', 'vault.tar', []],
    ['gzip', 'vault.tar.gz', ['-z']],
    ['pax, under another name', 'vault.backup', ['--format=pax']],
  ])('is found in a tar archive (%s)', async (_, name, options) => {
    const long = `tenant-${'x'.repeat(120)}`;
    await writeStorage(join(scratch.path, 'vault'), storageEntries(['acme', long]));
    await pack(name, ...options);
    const { snapshots, unmatched, blindSpot } = await read();
    expect({ unmatched, blindSpot }).toEqual({ unmatched: [], blindSpot: null });
    expect(snapshots.map(({ fact }) => fact)).toMatchObject([{ ...whole, path: name }]);
    expect(snapshots[0]?.holds(UUID, 'acme')).toBe(true);
    expect(snapshots[0]?.holds(UUID, long)).toBe(true);
  });

  it('in an archive cut short is not whole', async () => {
    await writeStorage(join(scratch.path, 'vault'), storageEntries(['acme']));
    await pack('vault.tar.gz', '-z');
    const file = join(place, 'vault.tar.gz');
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 40));
    expect((await read()).snapshots).toMatchObject([
      { fact: { complete: false, because: expect.stringContaining('cut off') } },
    ]);
  });

  it.each([
    ['core/keyring', 'the file of core/keyring is missing'],
    ['core/seal-config', 'the file of core/seal-config is missing'],
  ])('without %s opens nothing', async (key, because) => {
    const entries = new Map(storageEntries(['acme']));
    entries.delete(key);
    await writeStorage(place, entries);
    expect((await read()).snapshots).toMatchObject([{ fact: { complete: false, because } }]);
  });

  it.each([
    ['cut', '{"Value":"AAAA'],
    ['empty', ''],
    ['no base64', '{"Value":"?"}'],
    ['of another kind', '{"errors":[]}'],
  ])('with the file of a key %s is not whole, and does not name the key', async (_, content) => {
    await writeStorage(place, storageEntries(['acme']));
    await writeFile(join(place, `logical/${UUID}/policy/_acme`), content);
    const { snapshots } = await read();
    expect(snapshots).toMatchObject([
      {
        fact: {
          complete: false,
          because: expect.stringContaining(`the file of an entry in logical/${UUID}/policy/ is not whole`),
        },
      },
    ]);
    expect(snapshots[0]?.fact.because).not.toContain('acme');
    expect(snapshots[0]?.holds(UUID, 'acme')).toBe(false);
  });

  it('does not mind what a crash left of a write', async () => {
    await writeStorage(place, storageEntries(['acme']));
    await writeFile(join(place, `logical/${UUID}/policy/_acme2718281828`), '{"Val');
    await utimes(join(place, `logical/${UUID}/policy/_acme2718281828`), LAST_WRITTEN, LAST_WRITTEN);
    expect((await read()).snapshots).toMatchObject([{ fact: whole }]);
  });

  it('tells no time where all its files bear that of the copying', async () => {
    await writeStorage(join(scratch.path, 'vault'), storageEntries(['acme']));
    await run('cp', ['-r', join(scratch.path, 'vault'), place]);
    expect((await read()).snapshots).toMatchObject([{ fact: { path: 'vault', complete: true, takenAt: null } }]);
  });

  it.each(['as files', 'in an archive'])('tells when the own file of each key was written, %s', async (how) => {
    const directory = how === 'as files' ? place : join(scratch.path, 'vault');
    const rotated = new Date('2026-11-10T12:00:00.000Z');
    await writeStorage(directory, storageEntries(['acme', 'beta']));
    await utimes(join(directory, `logical/${UUID}/policy/_beta`), rotated, rotated);
    if (how !== 'as files') await pack('vault.tar');
    const [copy] = (await read()).snapshots;
    expect(copy?.fact.takenAt).toBe(LAST_WRITTEN.toISOString());
    expect(['acme', 'beta', 'other'].map((key) => copy?.writtenAt(UUID, key) ?? null)).toEqual([
      LAST_WRITTEN.toISOString(),
      rotated.toISOString(),
      null,
    ]);
  });

  it.each(['as files', 'in an archive'])('may lack a barrier key that was made since its keyring, %s', async (how) => {
    const directory = how === 'as files' ? place : join(scratch.path, 'vault');
    const file = join(directory, 'core/_keyring');
    const entries = new Map(storageEntries(['acme', 'beta']));
    entries.set(`logical/${UUID}/policy/beta`, barrierValue(2));
    entries.set('core/upgrade/1', barrierValue(1));
    const lacking = async (keyring: Date): Promise<number | undefined> => {
      await writeStorage(directory, entries);
      await utimes(file, keyring, keyring);
      if (how !== 'as files') await pack('vault.tar');
      const [copy] = (await read(true)).snapshots;
      expect(copy?.fact.complete).toBe(true);
      return copy?.fact.lackingTerm;
    };
    expect(await lacking(FIRST_WRITTEN)).toBe(2);
    expect(await lacking(LAST_WRITTEN)).toBeUndefined();
    entries.set(`logical/${UUID}/policy/beta`, barrierValue(1));
    expect(await lacking(FIRST_WRITTEN)).toBeUndefined();
  });

  it('tells no time of any key where the times may be those of the copying', async () => {
    await writeStorage(join(scratch.path, 'vault'), storageEntries(['acme']));
    await run('cp', ['-r', join(scratch.path, 'vault'), place]);
    const [copied] = (await read()).snapshots;
    expect([copied?.holds(UUID, 'acme'), copied?.writtenAt(UUID, 'acme')]).toEqual([true, null]);
    await rm(join(place, 'vault'), { recursive: true });
    await writeStorage(place, storageEntries(['acme']));
    const [uploaded] = (await read(true, localDirectoryTree({ root: place }), false)).snapshots;
    expect(uploaded?.fact.takenAt).toBeNull();
    expect([uploaded?.holds(UUID, 'acme'), uploaded?.writtenAt(UUID, 'acme')]).toEqual([true, null]);
  });

  it('of which a file cannot be read is a blind spot, and nothing is said of it', async () => {
    await writeStorage(join(place, 'one'), storageEntries(['acme']));
    await writeStorage(join(place, 'two'), storageEntries(['acme']));
    const tree = localDirectoryTree({ root: place });
    const { snapshots, blindSpot } = await read(false, {
      ...tree,
      open: (path, using) =>
        path === `one/logical/${UUID}/policy/_acme` ? Promise.reject(new Error('denied')) : tree.open(path, using),
    });
    expect(blindSpot?.detail).toContain('denied');
    expect(snapshots.map(({ fact }) => fact.path)).toEqual(['two']);
  });

  it('leaves files alone that are only named alike', async () => {
    await writeFile(join(place, '_readme'), 'a text\n');
    const { snapshots, unmatched } = await read();
    expect(snapshots).toEqual([]);
    expect(unmatched.map(({ path }) => path)).toEqual(['_readme']);
  });
});
