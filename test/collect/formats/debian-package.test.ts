import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { readDebianPackage } from '../../../src/collect/formats/debian-package.ts';
import type { ByteReader } from '../../../src/collect/trees/artifact-tree.ts';
import { minimalPackage } from '../../../src/demo/minimal-package.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const CONTROL = { package: 'novantra-onprem', version: '4.2.1-1', architecture: 'amd64' };
const PACKAGE = minimalPackage(CONTROL.package, CONTROL.version, CONTROL.architecture);

function read(bytes: Uint8Array) {
  const reader: ByteReader = {
    bytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    async *stream(offset = 0) {
      yield bytes.subarray(offset);
    },
    close: async () => undefined,
  };
  return readDebianPackage(reader);
}

/** The package with one text in it replaced by another of the same length. */
function altered(from: string, to: string): Buffer {
  return Buffer.from(PACKAGE.toString('latin1').replace(from, to), 'latin1');
}

describe('a Debian package', () => {
  it('says its name, version and architecture', async () => {
    expect(await read(PACKAGE)).toEqual({ damage: null, control: CONTROL });
  });

  it.each([
    ['the magic number alone', PACKAGE.subarray(0, 8), 'its first member is not debian-binary'],
    ['cut in a header', PACKAGE.subarray(0, 100), 'it is cut off'],
    ['cut in its last member', PACKAGE.subarray(0, -1), 'it is cut off'],
    ['cut behind its control member', PACKAGE.subarray(0, -1024 - 60), 'it has no data member'],
    ['something else', Buffer.from('no archive at all'), 'it does not begin as an ar archive does'],
    ['text behind the magic number', Buffer.from(`!<arch>\n${'x'.repeat(80)}`), 'the header of one of its members'],
    ['without a control member', altered('control.tar ', 'c0ntrol.tar '), 'it has no control member'],
    ['with a damaged control member', altered('ustar', 'xstar'), 'its tar archive is damaged'],
    ['without a version', altered('Version:', 'Vxrsion:'), 'does not name package, version and architecture'],
  ])('%s is damaged', async (_, bytes, damage) => {
    const found = await read(bytes);
    expect(found.control).toBeNull();
    expect(found.damage).toContain(damage);
  });

  it('with a control member in a form that is not opened is not known to be damaged', async () => {
    const found = await read(altered('control.tar     ', 'control.tar.lzma'));
    expect(found).toEqual({ damage: null, control: null });
  });
});

const isHere = (() => {
  try {
    execFileSync('dpkg-deb', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

test.runIf(isHere).each(['gzip', 'xz', 'zstd', 'none'])(
  'one that dpkg-deb built with %s is read',
  async (compression) => {
    await using scratch = scratchDirectory('debian-package');
    const source = join(scratch.path, 'source');
    await mkdir(join(source, 'DEBIAN'), { recursive: true });
    await writeFile(join(source, 'novantra'), 'bytes');
    await writeFile(
      join(source, 'DEBIAN/control'),
      'Package: novantra-onprem\nVersion: 4.2.1-1\nArchitecture: amd64\nMaintainer: nobody <n@example.com>\nDescription: test\n',
    );
    const file = join(scratch.path, 'built.deb');
    execFileSync('dpkg-deb', [
      '--root-owner-group',
      '--uniform-compression',
      `-Z${compression}`,
      '--build',
      source,
      file,
    ]);
    const bytes = await readFile(file);
    expect(await read(bytes)).toEqual({ damage: null, control: CONTROL });
    expect((await read(bytes.subarray(0, -3))).damage).toBe('it is cut off');
  },
);
