import { createHash } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checksumOf } from '../../../../src/collect/hosts/probe/file-lookup.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Reads `file` below a new directory; `meanwhile` is called with its path after each first part that was read. */
function read(contents: string, meanwhile: (file: string, times: number) => void) {
  using scratch = scratchDirectory('checksum');
  const file = join(scratch.path, 'file');
  writeFileSync(file, contents);
  let times = 0;
  return checksumOf(scratch.path, ['file'], () => {
    times += 1;
    meanwhile(file, times);
  });
}

describe('the checksum of a file', () => {
  it('is of one moment: where it is written to once meanwhile it is read again', () => {
    const once = read('before', (file, times) => (times === 1 ? appendFileSync(file, ' and after') : undefined));
    expect(once).toEqual({ is: 'found', bytes: 16, sha256: sha256('before and after') });
  });

  it('is none of a file that is another at each of three readings', () => {
    let readings = 0;
    const written = read('x', (file, times) => {
      readings = times;
      appendFileSync(file, 'y');
    });
    expect(written).toEqual({ is: 'changing' });
    expect(readings).toBe(3);
  });

  it('is of what it was when another one was put in its place meanwhile', () => {
    const replaced = read('before', (file) => {
      writeFileSync(`${file}.new`, 'after');
      renameSync(`${file}.new`, file);
    });
    expect(replaced).toEqual({ is: 'found', bytes: 6, sha256: sha256('before') });
  });

  it('is none of a file that went, or became a link, between two readings', () => {
    const gone = read('x', (file) => {
      appendFileSync(file, 'y');
      rmSync(file);
    });
    expect(gone).toEqual({ is: 'missing' });
    const linked = read('x', (file) => {
      appendFileSync(file, 'y');
      rmSync(file);
      symlinkSync('/etc/hostname', file);
    });
    expect(linked).toEqual({ is: 'link' });
  });
});
