import { describe, expect, test } from 'vitest';
import { LEFT_BEHIND } from '../../src/demo/leftovers.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { SAMPLE_BUNDLE } from '../golden/render-sample.ts';
import { readPdf } from '../report/pdf/read-pdf.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { type BundleParts, demoBundle, ofOrganizations, renderAll, writeParts } from './demo-bundle.ts';

/** Texts by which an organization could be recognised in somebody else's report. */
function marks(parts: BundleParts, id: string): readonly string[] {
  const part = parts.organizations.find((one) => one.organizationId === id);
  const texts = (part?.evidence ?? []).flatMap((record): readonly (string | null)[] => {
    if (record.kind === 'organization') return record.items.flatMap((item) => [item.organizationId, item.name]);
    if (record.kind === 'tenant-database') return record.items.map((item) => item.databaseName);
    if (record.kind === 'storage-binding') return record.items.flatMap((item) => [item.bindingId, item.path]);
    if (record.kind === 'keyring') return record.items.flatMap((item) => [item.keyringId, item.keyRef]);
    return [];
  });
  return [...new Set(texts.filter((text) => text !== null && text.length > 4))].filter((text) => text !== null);
}

describe('law 9: an organization’s own report names no other organization', async () => {
  const parts = await demoBundle();
  const ids = parts.organizations.map((part) => part.organizationId);

  test.each(ids)('%s', { timeout: 120_000 }, async (id) => {
    const { files, head } = await renderAll(SAMPLE_BUNDLE, id);
    const texts = await Promise.all(
      files
        .names()
        .map(
          async (name) =>
            [
              name,
              name.endsWith('.pdf') ? (await readPdf(files.bytes(name))).pages.join(' ') : files.text(name),
            ] as const,
        ),
    );
    const own = marks(parts, id).join('\n');
    for (const other of ids.filter((one) => one !== id)) {
      for (const mark of marks(parts, other)) {
        if (own.includes(mark)) continue;
        for (const [name, text] of texts) expect(text.includes(mark), `${name} names ${mark}`).toBe(false);
      }
    }
    expect(head.denominator.organizations.total).toBe(1);
    expect(texts.every(([, text]) => text.length > 0)).toBe(true);
    if (head.denominator.organizations.excluded === 0) {
      const named = texts.filter(([, text]) => text.replaceAll(/\s/g, '').toLowerCase().includes(id));
      expect(named.length).toBeGreaterThan(2);
    }
  });

  test('orphan databases, and copies and keys that were left behind, are named on the install’s report only', {
    timeout: 120_000,
  }, async () => {
    using scratch = scratchDirectory('own-report');
    const orphan = { name: 'tenant_orphaned', is: 'orphan' } as const;
    const left = { name: 'kek-that-was-left', organizationId: 'org_left', toldBy: 'name', inProvider: true } as const;
    const use = {
      kind: 'provider-use' as const,
      items: [
        { usedBy: [], notListed: null, leftKeys: [{ ...left, snapshots: 0, newestSnapshot: null }], leftCount: 1 },
      ],
    };
    const install = parts.install.map((part) => ({
      ...part,
      evidence: part.evidence.flatMap((record): readonly AnyEvidence[] => {
        if (record.kind === 'provider-state') return [record, { ...record, ...use, id: `${record.id}-use` }];
        if (record.kind !== 'database-list') return [record];
        return [{ ...record, items: record.items.map((item) => ({ ...item, unrecorded: [orphan], orphans: 1 })) }];
      }),
    }));
    const file = await writeParts(scratch.path, { ...parts, install });
    const [whole, own] = await Promise.all([renderAll(file), renderAll(file, ids[0])]);
    const textsOf = async ({ files }: typeof whole) => {
      const names = files.names();
      const pdf = names.filter((name) => name.endsWith('.pdf'));
      const pages = await Promise.all(pdf.map(async (name) => (await readPdf(files.bytes(name))).pages.join(' ')));
      return [...pages, ...names.filter((name) => !pdf.includes(name)).map((name) => files.text(name))].join('\n');
    };
    const [all, one] = await Promise.all([textsOf(whole), textsOf(own)]);
    for (const name of [orphan.name, LEFT_BEHIND, left.name, 'no seal and no location uses it']) {
      expect(all).toContain(name);
      expect(one).not.toContain(name);
    }
    expect(one).not.toContain('globals.sql');
  });

  test('counts of an own report do not grow with the number of other organizations', { timeout: 120_000 }, async () => {
    using scratch = scratchDirectory('own-report');
    const [first, second] = ids;
    const few = parts.organizations.filter((part) => part.organizationId === first || part.organizationId === second);
    const file = await writeParts(scratch.path, ofOrganizations(parts, few));
    const [small, large] = await Promise.all([renderAll(file, first), renderAll(SAMPLE_BUNDLE, first)]);
    const comparable = (head: typeof small.head) => ({ ...head, run: { ...head.run, bundleDigest: '' } });
    expect(comparable(small.head)).toEqual(comparable(large.head));
  });
});
