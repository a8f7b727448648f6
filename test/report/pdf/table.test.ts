import { expect, it } from 'vitest';
import { openCanvas } from '../../../src/report/formats/pdf/canvas.ts';
import { openDocument } from '../../../src/report/formats/pdf/document.ts';
import { openFlow } from '../../../src/report/formats/pdf/flow.ts';
import { gatherOutput } from '../../../src/report/formats/pdf/output.ts';
import { openTable } from '../../../src/report/formats/pdf/table.ts';
import { STYLE } from '../../../src/report/formats/pdf/theme.ts';
import { typesetter } from '../../../src/report/formats/pdf/typesetter.ts';
import { readPdf } from './read-pdf.ts';

const ROW = 'A row of many lines. '.repeat(80);

it.each([
  ['with a heading', { level: 4, text: 'Heading' } as const],
  ['without one', undefined],
])('a table %s begins on the page of its first row, wherever it begins', async (_, heading) => {
  const document = openDocument({ title: 'tables', subject: 'tables', created: new Date(0) });
  const output = gatherOutput(document);
  const canvas = openCanvas(document, { left: 'left', right: 'right' });
  const flow = openFlow(canvas, typesetter(canvas.faces));
  flow.newChapter('start');
  const height = flow.bottom() - flow.top();
  let tables = 0;
  for (let down = 0; down < height; down += 12) {
    flow.newChapter('tables');
    flow.y += down;
    const table = openTable(flow, [{ title: 'Column', share: 1 }], heading);
    table.row([[{ text: ROW, style: STYLE.cell }]]);
    table.end();
    tables += 1;
  }
  canvas.finish();
  const { pages } = await readPdf(Buffer.from(output.rest()));
  const begun = pages.filter((text) => text.includes('Column'));
  expect(tables).toBeGreaterThan(50);
  expect(begun).toHaveLength(tables);
  for (const text of begun) {
    expect(text).toContain('A row of many lines.');
    expect(text.includes('Heading')).toBe(heading !== undefined);
  }
});
