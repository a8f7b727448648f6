import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { htmlFormat } from '../../../src/report/formats/html.ts';
import { directorySink } from '../../../src/report/sink.ts';
import { programOnPath, unavailable } from '../../services/availability.ts';
import { type SampleOptions, sampleReport } from '../sample-report.ts';

const executablePath = programOnPath(['chromium', 'chromium-browser', 'google-chrome']);
const missing =
  executablePath === null ? unavailable('chromium', 'no chromium is on PATH: install the package chromium') : null;
const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const REPORTS: readonly (readonly [name: string, options: SampleOptions, file: string, htmlPageSize: number])[] = [
  ['whole', { organizations: 12, hostile: true }, 'report.html', 12],
  ['own', { organizations: 12, hostile: true, only: 5 }, 'report.html', 12],
  ['index', { organizations: 14, hostile: true }, 'report.html', 4],
  ['page', { organizations: 14, hostile: true }, 'organizations/0002.html', 4],
];

describe.skipIf(missing !== null)('report.html in a browser', () => {
  let scratch: string;
  let browser: Browser;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'recoverage-html-'));
    for (const [name, options, , htmlPageSize] of REPORTS) {
      const output = await directorySink(join(scratch, name));
      await htmlFormat.render(sampleReport(options), output.sink, { pdfDetail: 200, htmlPageSize });
      await output.commit();
    }
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    if (existsSync(scratch)) await rm(scratch, { recursive: true, force: true });
  });

  async function opened(name: string, file: string, width: number, bypassCSP = false): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, bypassCSP });
    const page = await context.newPage();
    await page.goto(pathToFileURL(join(scratch, name, file)).href);
    return page;
  }

  it.each(REPORTS)('%s keeps its own policy, asks nobody for anything and runs no script', async (name, _, file) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const messages: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(error.message));
    page.on('dialog', (dialog) => messages.push(dialog.message()));
    page.on('request', (request) => requests.push(request.url()));
    const address = pathToFileURL(join(scratch, name, file)).href;
    await page.goto(address, { waitUntil: 'networkidle' });
    expect(messages).toEqual([]);
    expect(requests).toEqual([address]);
    expect(await page.evaluate('document.scripts.length')).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.querySelector("h1")).fontWeight')).toBe('650');
    await context.close();
  });

  it.each(REPORTS)('%s has no accessibility defect that axe can find, at any width', async (name, _, file) => {
    for (const width of [390, 1440]) {
      const page = await opened(name, file, width, true);
      await page.evaluate('for (const part of document.querySelectorAll("details")) part.open = true');
      await page.addScriptTag({ path: axeSource });
      const violations = await page.evaluate(
        `axe.run({ runOnly: ${JSON.stringify(AXE_TAGS)} }).then(({ violations }) =>
           violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html).join(' | ')))`,
      );
      expect(violations, `${width} px`).toEqual([]);
      await page.context().close();
    }
  });

  it.each(REPORTS)('%s fits a phone without scrolling sideways', async (name, _, file) => {
    const page = await opened(name, file, 390);
    await page.evaluate('for (const part of document.querySelectorAll("details")) part.open = true');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.context().close();
  });

  it('shows on paper what is folded on the screen', async () => {
    const page = await opened('whole', 'report.html', 1000);
    const height = 'document.querySelector("details table").getBoundingClientRect().height';
    const folded = await page.evaluate(
      `document.querySelector("details table").checkVisibility({ contentVisibilityAuto: true })`,
    );
    expect(folded).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate(height)).toBeGreaterThan(40);
    const unfolded = await page.evaluate(
      `document.querySelector("details table").checkVisibility({ contentVisibilityAuto: true })`,
    );
    expect(unfolded).toBe(true);
    await page.context().close();
  });

  it('leads by keyboard past the contents to the report', async () => {
    const page = await opened('whole', 'report.html', 1440);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the report');
    await page.keyboard.press('Enter');
    // The page goes there a moment after the key.
    await page.waitForURL(({ hash }) => hash === '#main');
    await page.context().close();
  });
});
