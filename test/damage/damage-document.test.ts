import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { damageDocument, damageTable } from './damage-document.ts';
import { NOTHING_MEASURED, recordOf, withTable, withVersions } from './damage-record.ts';
import type { Measurement } from './measure-damage.ts';
import { FORMAT_MAKERS } from './measured-formats.ts';

const PLAN = { seed: 7, formats: ['tar', 'zip', 'cpio'], unavailable: new Map([['cpio', 'none here']]) };
const MEASURED: Measurement = {
  kind: 'flip',
  structure: { found: 1, of: 4 },
  full: { found: 3, of: 4 },
  recorded: null,
  tools: [{ name: 'zip -T', result: { found: 1, of: 2, unanswered: 1 } }],
  missed: [],
};

describe('docs/damage.md', () => {
  it('has one table of every format that is measured', () => {
    const document = readFileSync(join(import.meta.dirname, '../../docs/damage.md'), 'utf8');
    const names = FORMAT_MAKERS.flatMap(({ formats }) => formats);
    expect(new Set(names).size).toBe(names.length);
    expect([...recordOf(document).tables.keys()]).toEqual(names);
    expect(document).not.toContain('## Not measured');
  });

  it('is what its own tables make, with the reason why tools were given fewer places', () => {
    const document = readFileSync(join(import.meta.dirname, '../../docs/damage.md'), 'utf8');
    const seed = Number(/; seed (\d+)\.$/m.exec(document)?.[1]);
    const formats = FORMAT_MAKERS.flatMap((maker) => maker.formats);
    expect(damageDocument(recordOf(document), { seed, formats, unavailable: new Map() })).toBe(document);
    expect(document).toContain('- **fewer places**: ');
  });

  it('keeps the tables of other formats, what was missed in them, and the programs, when one is measured again', () => {
    const zip = { table: damageTable([MEASURED], 'Of one kind.'), missed: ['flip at 3 of a: zip -T'] };
    const first = withVersions(withTable(NOTHING_MEASURED, 'zip', zip), ['zip 3.0', 'tar 1.34']);
    const document = damageDocument(first, PLAN);
    expect(document).toContain('### zip\n\nOf one kind.\n\n| damage | structure | full | with SHA-256 | `zip -T` |');
    expect(document).toContain('| one byte altered | 1 of 4 | 3 of 4 | – | 1 of 2, no answer: 1 |');
    expect(document).toContain('- zip: flip at 3 of a: zip -T');
    expect(document).toMatch(/## Not measured\n\n- tar: its measurement was not finished\n- cpio: none here\n$/);

    const tar = { table: damageTable([MEASURED], undefined), missed: [] };
    const both = withVersions(withTable(recordOf(document), 'tar', tar), ['tar 1.35']);
    const second = damageDocument(both, PLAN);
    expect(recordOf(second)).toEqual({
      tables: new Map([
        ['tar', tar.table],
        ['zip', zip.table],
      ]),
      missed: ['zip: flip at 3 of a: zip -T'],
      versions: ['tar 1.35', 'zip 3.0'],
    });
    const mended = damageDocument(withTable(recordOf(second), 'zip', { ...zip, missed: [] }), PLAN);
    expect(mended).toContain('nowhere among these places');
    expect(recordOf(damageDocument(NOTHING_MEASURED, PLAN))).toEqual(NOTHING_MEASURED);
  });
});
