import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSnapshotLocation } from '../../../src/collect/keys/vault-snapshots.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import type { BlindSpot } from '../../../src/model/evidence.ts';
import { type ScratchDirectory, scratchDirectory } from '../../services/scratch.ts';
import { startVault, vaultUnavailable } from '../../services/vault.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
/** As much as a small snapshot. */
const hidden = randomBytes(20_000);
const ENCRYPTED = Buffer.concat([Buffer.from('Salted__'), hidden]);

let scratch: ScratchDirectory;
let place: string;
beforeAll(() => {
  scratch = scratchDirectory('closed-snapshots');
  place = join(scratch.path, 'place');
});
beforeEach(async () => {
  await rm(place, { recursive: true, force: true });
  await mkdir(place);
});
afterAll(() => scratch[Symbol.dispose]());

const blindSpotOf = (error: unknown): BlindSpot => ({ reason: 'unreachable', detail: String(error), remedy: '' });
const put = (name: string, content: Uint8Array | string) => writeFile(join(place, name), content);
const read = () =>
  readSnapshotLocation(
    { name: 'vaults', tree: localDirectoryTree({ root: place }), copiedWhileStopped: false, keepsFileTimes: true },
    blindSpotOf,
    signal,
  );

it.each([
  ['vault.snap.enc', ENCRYPTED, 'a file encrypted with a passphrase (OpenSSL format)'],
  ['nightly', ENCRYPTED, 'a file encrypted with a passphrase (OpenSSL format)'],
  [
    'vault.age',
    Buffer.concat([Buffer.from('age-encryption.org/v1\n-> X25519 x\n'), hidden]),
    'a file encrypted with age',
  ],
  ['vault.snapshot.gpg', Buffer.concat([Buffer.from('8c0d04090302', 'hex'), hidden]), 'a file encrypted with OpenPGP'],
  ['vault.snap.zip', Buffer.concat([Buffer.from('504b0304', 'hex'), hidden]), 'a zip file'],
  [
    'vault.SNAP.1',
    Buffer.concat([Buffer.of(0, 1), hidden]),
    'a file in a form that is not known, under the name of a snapshot',
  ],
])('%s may be a snapshot that nobody could open', async (name, content, what) => {
  await put(name, content);
  const { snapshots, unmatched, blindSpot } = await read();
  expect(snapshots).toEqual([]);
  expect(unmatched).toMatchObject([{ path: name, what }]);
  expect(blindSpot).toMatchObject({
    reason: 'unsupported',
    detail: `${name} in location vaults is ${what}: whether it is a snapshot of Vault, and of what moment, is not known`,
  });
});

it('how many there are besides is told', async () => {
  for (const name of ['a.snap.enc', 'b.snap.enc', 'c.snap.enc']) await put(name, ENCRYPTED);
  expect((await read()).blindSpot?.detail).toMatch(/^[abc]\.snap\.enc in .*, and 2 more such files: /);
});

it.each([
  ['vault.snap.sha256', `${'0'.repeat(64)}  vault.snap\n`],
  ['vault.snap.log', 'Everything went well. '.repeat(500)],
  ['vault.snap.sig', hidden.subarray(0, 600)],
  ['unseal-share-1.gpg', Buffer.concat([Buffer.from('8c0d04090302', 'hex'), hidden.subarray(0, 300)])],
  ['vault_1.21.2_linux_amd64.zip', Buffer.concat([Buffer.from('504b0304', 'hex'), hidden])],
  ['notes.txt', 'of the copies\n'.repeat(1000)],
  ['audit.log.gz', gzipSync('one line of it\n'.repeat(9000) + hidden.toString('base64'))],
])('%s is something else', async (name, content) => {
  await put(name, content);
  const { unmatched, blindSpot } = await read();
  expect(unmatched).toMatchObject([{ path: name }]);
  expect(blindSpot).toBeNull();
});

describe.skipIf(vaultUnavailable())('a snapshot of a real Vault', () => {
  let whole: Buffer;
  beforeAll(async () => {
    await using vault = await startVault();
    await vault.snapshot(join(scratch.path, 'vault.snap'));
    whole = await readFile(join(scratch.path, 'vault.snap'));
  });

  it('is found as it lies there, and a copy of it beside it that is closed tells nothing more', async () => {
    await put('vault.snap', whole);
    await put('vault.snap.enc', ENCRYPTED);
    const { snapshots, unmatched, blindSpot } = await read();
    expect(snapshots).toHaveLength(1);
    expect(unmatched).toMatchObject([{ path: 'vault.snap.enc' }]);
    expect(blindSpot).toBeNull();
  });

  it('that was compressed once more may be one', async () => {
    await put('vault.snap.gz', gzipSync(whole));
    const { snapshots, blindSpot } = await read();
    expect(snapshots).toEqual([]);
    expect(blindSpot?.detail).toContain(
      'vault.snap.gz in location vaults is a gzip file that is no snapshot as Vault writes it',
    );
  });

  it.each([
    ['backup.tar', []],
    ['backup.tgz', ['-z']],
  ])('that was packed (%s) may be one', async (name, options) => {
    await run('tar', [...options, '-cf', join(place, name), '-C', scratch.path, 'vault.snap']);
    const { snapshots, blindSpot } = await read();
    expect(snapshots).toEqual([]);
    expect(blindSpot?.detail).toContain(`${name} in location vaults is an archive that holds vault.snap`);
  });
});
