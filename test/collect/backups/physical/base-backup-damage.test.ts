import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceError } from '../../../../src/model/source-error.ts';
import { memoryTree } from '../../memory-tree.ts';
import { readTree } from './read-location.ts';
import { PLAIN, SINGLE, TAR } from './small-base-backups.ts';

type Verdict = 'complete' | 'incomplete' | 'unproven' | 'no copy';

async function verdict(files: ReadonlyMap<string, Buffer>, depth: 'structure' | 'full'): Promise<Verdict> {
  const { copies, blindSpot } = await readTree(memoryTree(files), depth);
  expect(blindSpot).toBeNull();
  return copies[0]?.integrity ?? 'no copy';
}

/** What no checksum and no rule covers: WAL behind the end of the backup, padding, how the last line is written. */
function isNeutral(name: string, before: Buffer, after: Buffer): boolean {
  const loose = (bytes: Buffer): string => {
    const text = bytes.toString('latin1');
    const line = text.lastIndexOf('\n', text.length - 2) + 1;
    return text.slice(0, line) + text.slice(line).toLowerCase().replaceAll(/\s/g, '');
  };
  if (name === 'backup_manifest') return loose(before) === loose(after);
  if (name.startsWith('pg_wal')) return before.length === after.length;
  return before.equals(after);
}

describe('small base backups', () => {
  for (const [format, files] of [
    ['plain', PLAIN],
    ['tar', TAR],
    ['single tar', SINGLE],
  ] as const) {
    it(`are complete as they are: ${format}`, async () => {
      expect(await verdict(files, 'structure')).toBe('complete');
      expect(await verdict(files, 'full')).toBe('complete');
    });

    it(`that lack a file are not complete: ${format}`, async () => {
      for (const name of files.keys()) {
        if (name.startsWith('pg_wal')) continue;
        const fewer = new Map(files);
        fewer.delete(name);
        for (const depth of ['structure', 'full'] as const)
          expect(await verdict(fewer, depth), name).not.toBe('complete');
      }
    });

    it(`of which a file is cut off are not complete: ${format}`, async () => {
      for (const [name, bytes] of files) {
        const step = Math.max(1, Math.floor(bytes.length / 60));
        for (let length = 0; length < bytes.length; length += step) {
          const cut = new Map(files).set(name, bytes.subarray(0, length));
          for (const depth of ['structure', 'full'] as const) {
            expect(await verdict(cut, depth), `${name} cut to ${length}`).not.toBe('complete');
          }
        }
      }
    });
  }

  it('of which a file cannot be read are unproven, and the location has a blind spot', async () => {
    const tree = memoryTree(PLAIN);
    const open: typeof tree.open = (path, signal) =>
      path === 'base/5/1259'
        ? Promise.reject(new SourceError('unauthorized', 'no right to read', 'Grant it.'))
        : tree.open(path, signal);
    const { copies, blindSpot } = await readTree({ ...tree, open }, 'full');
    expect(copies).toMatchObject([{ integrity: 'unproven', readToEnd: false, timeline: 1 }]);
    expect(blindSpot?.detail).toBe('no right to read');
  });

  const COMPRESSED: ReadonlyMap<string, Buffer> = new Map(
    [...TAR].map(([name, bytes]) => (name.endsWith('.tar') ? [`${name}.gz`, gzipSync(bytes)] : [name, bytes])),
  );
  const patch = fc.record({
    file: fc.nat(),
    at: fc.nat(),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
      fc.constant(new Uint8Array([0xff, 0xff, 0xff, 0x7f])),
    ),
  });
  const patched = (
    files: ReadonlyMap<string, Buffer>,
    patches: readonly { readonly file: number; readonly at: number; readonly bytes: Uint8Array }[],
  ): ReadonlyMap<string, Buffer> => {
    const altered = new Map(files);
    for (const { file, at, bytes } of patches) {
      const [name, whole] = [...altered][file % altered.size] ?? ['', Buffer.alloc(0)];
      const copy = Buffer.from(whole);
      const offset = at % Math.max(1, copy.length);
      copy.set(bytes.subarray(0, copy.length - offset), offset);
      altered.set(name, copy);
    }
    return altered;
  };

  it('altered anywhere are only complete where nothing that counts is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(patch, { minLength: 1, maxLength: 2 }), async (patches) => {
        const altered = patched(PLAIN, patches);
        const same = [...altered].every(([name, bytes]) => isNeutral(name, PLAIN.get(name) ?? Buffer.alloc(0), bytes));
        const result = await verdict(altered, 'full');
        if (!same) expect(result).not.toBe('complete');
        await verdict(altered, 'structure');
      }),
      { numRuns: 700 },
    );
  }, 180_000);

  it('compressed and altered anywhere end in an answer, and incomplete where the stream is damaged', async () => {
    expect(await verdict(COMPRESSED, 'full')).toBe('complete');
    await fc.assert(
      fc.asyncProperty(fc.array(patch, { minLength: 1, maxLength: 2 }), async (patches) => {
        const altered = patched(COMPRESSED, patches);
        const result = await verdict(altered, 'full');
        const opens = [...altered].every(([name, bytes]) => !name.endsWith('.gz') || inflates(bytes));
        if (!opens) expect(result).not.toBe('complete');
        await verdict(altered, 'structure');
      }),
      { numRuns: 400 },
    );
  }, 180_000);

  it('in archives altered anywhere in what their members hold are not complete', async () => {
    const base = TAR.get('base.tar') ?? Buffer.alloc(0);
    await fc.assert(
      fc.asyncProperty(fc.nat(base.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(base);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const result = await verdict(new Map(TAR).set('base.tar', bytes), 'full');
        if (!isTarPadding(base, at)) expect(result, `byte ${at}`).not.toBe('complete');
      }),
      { numRuns: 600 },
    );
  });

  it('beside names that no backup has end in an answer', async () => {
    const names = fc.constantFrom(
      ...PLAIN.keys(),
      ...TAR.keys(),
      'postmaster.pid',
      'backup_manifest.tmp',
      'pg_tblspc/16400/PG_15_202209061/5/1259',
      '16400.tar',
      '000000010000000000000001',
      '00000001000000000000000A.gz',
      '000000010000000000000003.00000028.backup',
      'FFFFFFFFFFFFFFFFFFFFFFFF',
    );
    const contents = fc.oneof(
      fc.constantFrom(...PLAIN.values(), ...TAR.values()),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('', 'a/', 'a/b/', '\ufffd/'), names, contents), { maxLength: 12 }),
        fc.constantFrom('structure', 'full'),
        async (entries, depth) => {
          const files = new Map(entries.map(([directory, name, bytes]) => [directory + name, bytes]));
          const { copies } = await readTree(memoryTree(files), depth);
          for (const { integrityBecause } of copies) expect(integrityBecause).not.toBe('');
        },
      ),
      { numRuns: 600 },
    );
  });
});

/** Bytes between the end of a member and the next block, and behind the digits of a checksum: nothing covers them. */
function isTarPadding(tar: Buffer, at: number): boolean {
  for (let header = 0; header + 512 <= tar.length; ) {
    const size = Number.parseInt(tar.toString('latin1', header + 124, header + 135), 8) || 0;
    const end = header + 512 + size;
    const next = header + 512 + Math.ceil(size / 512) * 512;
    if ((at >= end && at < next) || at === header + 154 || at === header + 155) return true;
    header = next;
  }
  return false;
}

function inflates(bytes: Buffer): boolean {
  try {
    gunzipSync(bytes);
    return true;
  } catch {
    return false;
  }
}
