import { expect, test } from 'vitest';
import { summaryLines } from '../../src/cli/summary.ts';
import { FORMATS } from '../../src/report/registry.ts';
import { readPdf } from '../report/pdf/read-pdf.ts';
import { HOSTILE_NAMES } from '../report/sample-names.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { demoBundle, renderAll, writeParts } from './demo-bundle.ts';

/** Every organization, bucket and file name of the demo replaced by one that tries to break an output. */
async function hostileBundle(directory: string): Promise<string> {
  const parts = await demoBundle();
  const organizations = parts.organizations.map((part, index) => {
    const name = HOSTILE_NAMES[index % HOSTILE_NAMES.length] ?? 'x';
    const subjects = part.subjects.map((node) => ({ ...node, subject: { ...node.subject, name } }));
    const evidence = part.evidence.map((record) => {
      const subject = { ...record.subject, name };
      const items = record.items.map((item) =>
        'name' in item ? { ...item, name, slug: name } : 'path' in item ? { ...item, path: name } : item,
      );
      return { ...record, subject, locator: name, items } as typeof record;
    });
    return { ...part, subjects, evidence };
  });
  return writeParts(directory, { ...parts, organizations });
}

test('law 8: a name from the outside breaks no output', { timeout: 120_000 }, async () => {
  using scratch = scratchDirectory('hostile');
  const { files, head } = await renderAll(await hostileBundle(scratch.path));
  expect(files.names().length).toBeGreaterThanOrEqual(FORMATS.length);
  for (const name of files.names()) {
    if (name.endsWith('.html')) {
      expect(files.text(name)).not.toMatch(/<script/i);
      expect(files.text(name)).not.toMatch(/[\u202a-\u202e]/);
    } else if (name.endsWith('.csv')) {
      // Cells that a spreadsheet would take for a formula begin with an apostrophe.
      expect(files.text(name)).not.toMatch(/(^|\r\n|,|,")[=+@\t]/);
    } else if (name.endsWith('.json')) {
      expect(() => JSON.parse(files.text(name))).not.toThrow();
    } else if (name.endsWith('.pdf')) {
      expect((await readPdf(files.bytes(name))).unspaced.length).toBeGreaterThan(1000);
    }
  }
  for (const line of summaryLines(head, null)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not reach a terminal
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  }
});
