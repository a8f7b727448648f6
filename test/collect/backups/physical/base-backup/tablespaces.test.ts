import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchDirectory } from '../../../../services/scratch.ts';
import { signed } from '../../../formats/base-backup/manifests.ts';
import { memoryTree } from '../../../memory-tree.ts';
import { onlyCopy, readDirectory, readTree } from '../read-location.ts';
import { PLAIN, TAR } from '../small-base-backups.ts';
import { tarOf } from '../tar-of.ts';

const INSIDE = 'PG_15_202209061/5/1261';
const bytes = Buffer.alloc(8192, 3);

function withTablespace(files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const [text = ''] = (files.get('backup_manifest') ?? '').toString().split('"Manifest-Checksum"');
  const entry = `{ "Path": "pg_tblspc/16500/${INSIDE}", "Size": ${bytes.length}, "Last-Modified": "2026-11-22 21:42:36 GMT" }`;
  const manifest = signed(text.replace('"Files": [\n', `"Files": [\n${entry},\n`));
  return new Map([...files, ['backup_manifest', Buffer.from(manifest)]]);
}

const verdict = (files: ReadonlyMap<string, Buffer>, depth: 'structure' | 'full') =>
  onlyCopy(readTree(memoryTree(files), depth));

describe.each(['structure', 'full'] as const)('a tablespace, at depth %s', (depth) => {
  test('of a base backup in archives lies in one of its own, and is missing without it', async () => {
    const lacking = withTablespace(TAR);
    const whole = new Map([...lacking, ['16500.tar', tarOf(new Map([[INSIDE, bytes]]))]]);
    expect(await verdict(whole, depth)).toMatchObject({ integrity: 'complete' });
    expect(await verdict(lacking, depth)).toMatchObject({
      integrity: 'incomplete',
      integrityBecause: expect.stringContaining('that its manifest lists is not there'),
    });
  });

  test('of a plain one may lie elsewhere, behind a link', async () => {
    expect(await verdict(withTablespace(PLAIN), depth)).toMatchObject({
      integrity: 'unproven',
      integrityBecause: expect.stringContaining('lies elsewhere, behind a symbolic link'),
    });
  });

  test('of a plain one is missing where no link is there, and not where a link leads to what is not seen', async () => {
    using scratch = scratchDirectory('tablespaces');
    for (const [path, content] of withTablespace(PLAIN)) {
      mkdirSync(dirname(join(scratch.path, path)), { recursive: true });
      writeFileSync(join(scratch.path, path), content);
    }
    const found = () => onlyCopy(readDirectory(scratch.path, depth));
    const gone = {
      integrity: 'incomplete',
      integrityBecause: `the file "pg_tblspc/16500/${INSIDE}" that its manifest lists is not there`,
    };
    expect(await found()).toMatchObject(gone);
    mkdirSync(join(scratch.path, 'pg_tblspc'));
    expect(await found()).toMatchObject(gone);
    symlinkSync('/mnt/elsewhere-that-is-not-mounted', join(scratch.path, 'pg_tblspc', '16500'));
    expect(await found()).toMatchObject({
      integrity: 'unproven',
      integrityBecause: expect.stringContaining('lies elsewhere, behind a symbolic link'),
    });
  });
});
