import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVaultSnapshot } from '../../../../src/collect/formats/vault-snapshot/read-snapshot.ts';
import type { ByteReader } from '../../../../src/collect/trees/artifact-tree.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';
import { readWithKeys } from './read-with-keys.ts';
import {
  barrierValue,
  SNAPSHOT_SECONDS,
  snapshotParts,
  stateEntry,
  syntheticSnapshot,
  tar,
} from './synthetic-snapshot.ts';

const signal = new AbortController().signal;
const UUID = '0d9c4a1e-0000-4000-8000-000000000001';
const OTHER = '1d9c4a1e-0000-4000-8000-000000000002';
const SEAL = JSON.stringify({ type: 'shamir', secret_shares: 5, secret_threshold: 3, stored_shares: 1, name: '' });

const state = Buffer.concat([
  stateEntry('core/seal-config', Buffer.from(SEAL)),
  stateEntry('core/versions/1.20.4', barrierValue(1)),
  stateEntry('core/versions/1.21.2', barrierValue(2)),
  stateEntry(`logical/${UUID}/archive/acme-key`, barrierValue(1)),
  stateEntry(`logical/${UUID}/archive/half-key`, barrierValue(1)),
  stateEntry(`logical/${UUID}/policy/acme-key`, barrierValue(2)),
  stateEntry(`logical/${UUID}/policy/other-half`, barrierValue(2)),
  stateEntry(`logical/${OTHER}/archive/globex-key`, barrierValue(1)),
  stateEntry(`logical/${OTHER}/policy/globex-key`, barrierValue(2)),
  stateEntry('sys/policy/empty', new Uint8Array(0)),
]);
const good = syntheticSnapshot(state);

describe('a whole snapshot', () => {
  it('tells what lies in it in clear, and names keys to the visitor only', async () => {
    const { keys, ...reading } = await readWithKeys(good);
    expect(reading).toEqual({
      recognized: true,
      what: 'vault-raft-snapshot',
      complete: true,
      checksumsMatch: true,
      because: 'all parts are there and agree with their checksums',
      takenAt: new Date(SNAPSHOT_SECONDS * 1000).toISOString(),
      raftIndex: 77,
      raftTerm: 3,
      raftServers: [{ id: 'node-1', address: '127.0.0.1:8201' }],
      sealType: 'shamir',
      secretShares: 5,
      secretThreshold: 3,
      recoveryShares: null,
      recoveryThreshold: null,
      sealKeyId: null,
      barrierTermHighest: 2,
      mountUuids: [UUID, OTHER],
      transitKeyCount: 2,
      vaultVersions: ['1.20.4', '1.21.2'],
      bytes: good.length,
    });
    expect(keys).toContain(`${UUID}/archive/half-key`);
    expect(keys).toHaveLength(6);
    expect(JSON.stringify(reading)).not.toContain('acme-key');
  });

  it('reads the same whatever the size of the chunks', async () => {
    const whole = await readWithKeys(good);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: good.length + 10 }), async (chunkBytes) => {
        expect(await readWithKeys(good, chunkBytes)).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('takes a size from a pax header, as sizes of 8 GiB and more have one', async () => {
    const reading = await readWithKeys(syntheticSnapshot(state, { extendedSize: true }));
    expect(reading).toMatchObject({ complete: true, checksumsMatch: true, transitKeyCount: 2 });
  });

  it('names the key of a KMS that unseals it', async () => {
    const arn = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555';
    const info = Buffer.concat([
      Buffer.from([0x08, 0x01, 0x1a, arn.length]),
      Buffer.from(arn),
      Buffer.from([0x2a, 2, 1, 2]),
    ]);
    const envelope = Buffer.concat([Buffer.from([0x0a, 3, 9, 9, 9, 0x12, 1, 9, 0x20, 1, 0x2a, info.length]), info]);
    const sealed = Buffer.concat([
      stateEntry('core/hsm/barrier-unseal-keys', envelope),
      stateEntry('core/recovery-config', Buffer.from(SEAL)),
      stateEntry('core/seal-config', Buffer.from(SEAL.replace('shamir', 'awskms').replace('5', '1').replace('3', '1'))),
    ]);
    expect(await readWithKeys(syntheticSnapshot(sealed))).toMatchObject({
      complete: true,
      sealType: 'awskms',
      secretShares: 1,
      recoveryShares: 5,
      recoveryThreshold: 3,
      sealKeyId: arn,
    });
  });
});

describe('a damaged snapshot', () => {
  it.each([
    ['an empty file', new Uint8Array(0), /empty/],
    [
      'the ten bytes that a Vault without its seal provider leaves',
      gzipSync('').subarray(0, 10),
      /stop before their end.*meta.json/,
    ],
    ['a cut within the last parts', good.subarray(0, good.length - 60), /stop before their end.*SHA256SUMS/],
    ['a missing trailer', good.subarray(0, good.length - 8), /end of the compressed file is missing/],
    ['half a trailer', good.subarray(0, good.length - 3), /end of the compressed file is missing/],
    ['bytes after the end', Buffer.concat([good, Buffer.from('more')]), /bytes follow the end of the compressed file/],
    ['a second gzip after the end', Buffer.concat([good, good]), /bytes follow the end of the compressed file/],
    ['no SHA256SUMS', syntheticSnapshot(state, { without: ['SHA256SUMS'] }), /without SHA256SUMS$/],
    ['no SHA256SUMS.sealed', syntheticSnapshot(state, { without: ['SHA256SUMS.sealed'] }), /without SHA256SUMS.sealed/],
    ['no state.bin', syntheticSnapshot(state, { without: ['state.bin'] }), /without state.bin/],
    ['another size in meta.json', syntheticSnapshot(state, { size: 1 }), /another size/],
    ['an entry that is cut', syntheticSnapshot(state.subarray(0, state.length - 5)), /whole entry/],
    [
      'an unexpected part',
      gzipSync(tar([...snapshotParts(state), { name: 'extra', content: Buffer.from('x') }])),
      /unexpected part "extra"/,
    ],
    ['no end of the archive', gzipSync(tar(snapshotParts(state)).subarray(0, -1024)), /stops before its end/],
    [
      'bytes after the end of the archive',
      gzipSync(Buffer.concat([tar(snapshotParts(state)), Buffer.from('x')])),
      /bytes follow the end of the archive/,
    ],
  ])('%s is not complete', async (_, bytes, because) => {
    const reading = await readWithKeys(bytes);
    expect(reading).toMatchObject({ recognized: true, complete: false });
    expect(reading.because).toMatch(because);
  });

  it('a sum that does not agree is told', async () => {
    const reading = await readWithKeys(syntheticSnapshot(state, { sums: (sums) => sums.replace(/^..../, '0000') }));
    expect(reading).toMatchObject({
      complete: true,
      checksumsMatch: false,
      because: 'meta.json does not agree with SHA256SUMS',
    });
  });

  it('whatever byte is flipped, wherever it is cut: it passes only with the same content, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const flipped = Buffer.from(good);
        flipped[at] = (flipped[at] ?? 0) ^ mask;
        const reading = await readWithKeys(flipped);
        // Some bits matter to nothing: times in the header, or where to copy a repeated byte from.
        if (reading.complete && reading.checksumsMatch) expect(gunzipSync(flipped)).toEqual(gunzipSync(good));
        const cut = await readWithKeys(good.subarray(0, at));
        expect(cut.complete).toBe(false);
        expect(cut.because).not.toBe('');
      }),
      { numRuns: 1500 },
    );
  });

  it('random bytes never throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
        for (const content of [bytes, gzipSync(bytes)]) expect((await readWithKeys(content)).complete).toBe(false);
        // Around random entries the parts and sums are right, so that only the framing can tell.
        const framed = await readWithKeys(syntheticSnapshot(bytes));
        expect(framed.checksumsMatch).toBe(true);
        expect(framed.complete).toBe(bytes.length === 0 || framed.because.startsWith('all parts'));
      }),
      { numRuns: 200 },
    );
  });
});

describe('another file', () => {
  const bolt = Buffer.alloc(8192);
  bolt.writeUInt32LE(0xed0cdaed, 16);
  it.each([
    ['a Consul snapshot', syntheticSnapshot(state, { id: '2-12-1557' }), 'other-raft-snapshot'],
    ['a saved error answer', Buffer.from('{"errors":["permission denied"]}\n'), 'error-answer'],
    ['a saved web page', Buffer.from('<!DOCTYPE html><p>403'), 'error-answer'],
    ['a copied database file', bolt, 'database-file'],
    ['a compressed dump', gzipSync('-- PostgreSQL database dump\n'.repeat(900)), 'other'],
    ['another archive', gzipSync(tar([{ name: 'backup.sql', content: Buffer.from('x') }])), 'other'],
    ['text', Buffer.from('hello'), 'other'],
  ])('%s is not taken for a snapshot', async (_, bytes, what) => {
    expect(await readWithKeys(bytes)).toMatchObject({
      recognized: false,
      what,
      complete: false,
      checksumsMatch: false,
      takenAt: null,
      transitKeyCount: 0,
      keys: [],
    });
  });
});

describe('reading', () => {
  it('passes on that bytes cannot be read', async () => {
    const broken: ByteReader = {
      ...memoryByteReader(good),
      async *stream(offset = 0) {
        yield good.subarray(offset, 200);
        throw new SourceError('unreachable', 'the disk is gone', 'Plug it in.');
      },
    };
    await expect(readVaultSnapshot(broken, { signal })).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'unreachable',
    });
  });

  it('stops when told to', async () => {
    const stopped = AbortSignal.abort();
    await expect(readVaultSnapshot(memoryByteReader(good), { signal: stopped })).rejects.toMatchObject({
      reason: 'not-asked',
    });
  });

  it('needs little memory for a large snapshot', async () => {
    using scratch = scratchDirectory('snapshot');
    const file = join(scratch.path, 'large.snap');
    const entry = stateEntry('core/raft/large', barrierValue(1, 1024 * 1024));
    const count = 400;
    const size = entry.length * count;
    const frame = tar(snapshotParts(new Uint8Array(0), { size }));
    const header = tar([{ name: 'state.bin', content: new Uint8Array(0) }]).subarray(0, 512);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    header.write('        ', 148, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    async function* archive() {
      yield frame.subarray(0, 1024);
      yield header;
      for (let index = 0; index < count; index += 1) yield entry;
      yield Buffer.alloc((512 - (size % 512)) % 512);
      yield frame.subarray(1536);
    }
    await pipeline(Readable.from(archive()), createGzip({ level: 1 }), createWriteStream(file));
    const handle = await open(file);
    const reader: ByteReader = {
      bytes: (await stat(file)).size,
      read: async (offset, length) => {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      },
      async *stream(offset = 0) {
        for await (const chunk of createReadStream(file, { start: offset }))
          if (chunk instanceof Uint8Array) yield chunk;
      },
      close: () => handle.close(),
    };
    let highest = 0;
    const before = process.memoryUsage().rss;
    const watch = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage().rss - before);
    }, 20);
    const reading = await readVaultSnapshot(reader, { signal });
    clearInterval(watch);
    await reader.close();
    // The sums in this file are those of an empty state.bin.
    expect(reading).toMatchObject({ complete: true, checksumsMatch: false, barrierTermHighest: 1 });
    expect(highest).toBeLessThan(150 * 1024 * 1024);
  });
});
