import { expect, test } from 'vitest';
import { SAMPLE_BUNDLE } from '../golden/render-sample.ts';
import { renderAll } from './demo-bundle.ts';

test('law 7: same bundle, same policy, same clock: same bytes in every format', { timeout: 120_000 }, async () => {
  const first = await renderAll(SAMPLE_BUNDLE);
  const second = await renderAll(SAMPLE_BUNDLE);
  expect(second.files.names()).toEqual(first.files.names());
  for (const name of first.files.names()) {
    expect(second.files.bytes(name).equals(first.files.bytes(name)), name).toBe(true);
  }
});
