import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const HEAP_MEGABYTES = 32;

describe('a large report', () => {
  it.each([
    ['csv', 30_000, 3],
    ['html', 6000, 61],
    ['json', 9000, 3],
  ] as const)('renders as %s in a heap smaller than itself', async (format, organizations, files) => {
    const script = fileURLToPath(new URL('./render-in-little-memory.ts', import.meta.url));
    const { stdout } = await run(process.execPath, [
      `--max-old-space-size=${HEAP_MEGABYTES}`,
      script,
      format,
      String(organizations),
    ]);
    const rendered: unknown = JSON.parse(stdout);
    expect(rendered).toEqual({ bytes: expect.any(Number), files });
    const { bytes } = rendered as { readonly bytes: number };
    expect(bytes).toBeGreaterThan(1.5 * HEAP_MEGABYTES * 1_000_000);
  });
});
