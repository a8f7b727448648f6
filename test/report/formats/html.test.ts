import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fill } from '../../../src/report/formats/html/templates.ts';
import { htmlFormat } from '../../../src/report/formats/html.ts';
import { LIMITATIONS } from '../../../src/report/wording/method.ts';
import { neutralize } from '../../../src/report/wording/names.ts';
import { pageOne } from '../../../src/report/wording/page-one.ts';
import { type MemorySink, memorySink } from '../memory-sink.ts';
import { sampleChapter, sampleOrganizationId } from '../sample-organizations.ts';
import { type SampleOptions, sampleReport } from '../sample-report.ts';
import { parsePage, resolved } from './html-pages.ts';

async function rendered(options: SampleOptions, htmlPageSize = 500): Promise<MemorySink> {
  const sink = memorySink();
  await htmlFormat.render(sampleReport(options), sink, { pdfDetail: 200, htmlPageSize });
  return sink;
}

/** Every link of every page leads to an element that is there, and no id occurs twice on a page. */
function checkLinks(sink: MemorySink): number {
  const pages = new Map(sink.names().map((name) => [name, parsePage(sink.text(name))]));
  let links = 0;
  for (const [name, page] of pages) {
    expect(new Set(page.ids).size, name).toBe(page.ids.length);
    for (const href of page.hrefs) {
      const { file, fragment } = resolved(href, name);
      const target = pages.get(file);
      expect(target, `${name}: ${href}`).toBeDefined();
      if (fragment !== '') expect(target?.ids, `${name}: ${href}`).toContain(fragment);
      links += 1;
    }
  }
  return links;
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

describe('the templates', () => {
  const directory = join(import.meta.dirname, '../../../templates');
  const templates = readdirSync(directory).filter((name) => name.endsWith('.hbs'));

  it.each(templates)('%s escapes everything and styles nothing inline', (name) => {
    const source = readFileSync(join(directory, name), 'utf8');
    expect(source).not.toMatch(/\{\{\{|\{\{~?&/);
    expect(source).not.toMatch(/\sstyle=|<script|\son[a-z]+=|javascript:/i);
    expect(source).not.toMatch(/=\{\{/);
  });

  it('throw where a field is missing', () => {
    expect(() => fill('document-end', { text: 'only one of two' })).toThrow('statement');
  });
});

describe('report.html', () => {
  it('is as agreed, byte for byte', async () => {
    const sink = await rendered({ organizations: 12, hostile: true });
    expect(sink.names()).toEqual(['report.html']);
    await expect(sink.text('report.html')).toMatchFileSnapshot('../golden/report.html.txt');
  });

  it('allows its own style sheet by digest and nothing else', async () => {
    const html = (await rendered({ organizations: 2 })).text('report.html');
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
    const digest = createHash('sha256').update(style).digest('base64').replaceAll('=', '&#x3D;');
    expect(html).toContain(`style-src 'sha256-${digest}'`);
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'));
    expect(html).toMatch(/content="default-src 'none';/);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\sstyle=|url\(|@import/);
  });

  it('says on its first page what the shared wording says', async () => {
    const report = sampleReport({ organizations: 24, hostile: true });
    const { text } = parsePage((await rendered({ organizations: 24, hostile: true })).text('report.html'));
    const { exitReasons, ...page } = pageOne(report.head, null);
    const sentences = textsOf({ ...page, verdict: '', blindSpots: page.blindSpots.map(({ sentence }) => sentence) });
    for (const sentence of sentences) expect(text).toContain(sentence);
    for (const limitation of LIMITATIONS) expect(text).toContain(limitation);
  });

  it('holds a row and a chapter for every organization, and every link leads somewhere', async () => {
    const sink = await rendered({ organizations: 24, hostile: true });
    const page = parsePage(sink.text('report.html'));
    for (let index = 0; index < 24; index += 1) {
      const { summary } = sampleChapter(index, true);
      expect(page.ids).toContain(`o-${index + 1}`);
      expect(page.hrefs).toContain(`#o-${index + 1}`);
      expect(page.text.split(summary.organizationId).length - 1).toBeGreaterThanOrEqual(2);
      expect(page.text).toContain(neutralize(summary.name));
    }
    expect(checkLinks(sink)).toBeGreaterThan(150);
  });

  it('names the weakest link first, and marks it in the chain', async () => {
    const html = (await rendered({ organizations: 4 })).text('report.html');
    const chapter = html.slice(html.indexOf('id="o-4"'));
    expect(parsePage(`<body>${chapter}`).text).toContain('Its files lie only on the lost host and would be gone.');
    expect(chapter.indexOf('Weakest link')).toBeLessThan(chapter.indexOf('class="chain"'));
    const steps = [...chapter.matchAll(/<li class="(\w+)( weakest-link)?"><h4>([^<]+)<\/h4>/g)];
    expect(steps.map(([, tone, weakest, step]) => [step, tone, weakest !== undefined])).toEqual([
      ['Host', 'good', false],
      ['Key provider', 'good', false],
      ['Install database', 'good', false],
      ['Tenant database', 'good', false],
      ['Files', 'bad', true],
    ]);
  });

  it('is written for a report of nothing', async () => {
    const { text } = parsePage((await rendered({ organizations: 0 })).text('report.html'));
    expect(text).toContain('The install database lists no organizations.');
  });
});

describe('the report of one organization', () => {
  it('names no other organization and counts none', async () => {
    for (const only of [1, 3, 9, 10]) {
      const sink = await rendered({ organizations: 24, only });
      expect(sink.names()).toEqual(['report.html']);
      const { text } = parsePage(sink.text('report.html'));
      expect(text).toContain(sampleOrganizationId(only));
      for (let other = 0; other < 24; other += 1) {
        if (other === only) continue;
        const { summary } = sampleChapter(other, false);
        expect(text).not.toContain(summary.organizationId);
        expect(text).not.toMatch(new RegExp(`\\b${summary.name}\\b(?! \\d)`));
      }
      expect(text).not.toMatch(/\d organizations|Organizations by verdict/);
      checkLinks(sink);
    }
  });
});

describe('the report of a large install', () => {
  it('is an index with linked pages that hold every organization once', async () => {
    const sink = await rendered({ organizations: 25, hostile: true }, 10);
    expect(sink.names()).toEqual([
      'report.html',
      'organizations/0001.html',
      'organizations/0002.html',
      'organizations/0003.html',
    ]);
    const index = parsePage(sink.text('report.html'));
    expect(index.text).toContain('All 25 organizations in the order of their ids.');
    expect(index.text).toContain('The 25 organizations that are worst off, of 25 in all.');
    const anchors = sink
      .names()
      .slice(1)
      .flatMap((name) => parsePage(sink.text(name)).ids.filter((id) => /^o-\d+$/.test(id)));
    expect(anchors).toEqual(Array.from({ length: 25 }, (_, position) => `o-${position + 1}`));
    for (const [page, ids] of [
      [1, [0, 9]],
      [3, [20, 24]],
    ] as const)
      for (const id of ids)
        expect(parsePage(sink.text(`organizations/000${page}.html`)).text).toContain(sampleOrganizationId(id));
    checkLinks(sink);
  });

  it('says how many there are when it shows only the worst', async () => {
    const index = parsePage((await rendered({ organizations: 501 })).text('report.html'));
    expect(index.text).toContain('The 200 organizations that are worst off, of 501 in all.');
    expect(index.text).toContain('501 organizations are listed in the install database');
  });
});
