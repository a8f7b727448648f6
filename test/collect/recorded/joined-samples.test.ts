import { expect, it } from 'vitest';
import type { FileSampleLine } from '../../../src/collect/recorded/file-sample-line.ts';
import { type JoinedBundleSource, joinBundles } from '../../../src/collect/recorded/joined-bundles.ts';
import { HOUR } from '../../../src/model/instant.ts';
import { ago } from '../../evaluate/fixture.ts';

/** A bundle of a host that looked so many hours ago for files that were drawn ten hours ago; whether it could. */
function bundle(hours: number, isAnswered: boolean): JoinedBundleSource {
  const collectedAt = ago(hours * HOUR);
  const line = {
    type: 'file-sample',
    collectedAt,
    store: '/store',
    database: 'org/tenant',
    drawnAt: ago(10 * HOUR),
    files: [],
    blindSpot: isAnswered ? null : { reason: 'unreachable', detail: 'gone', remedy: 'Bring it back.' },
  } as unknown as FileSampleLine;
  return {
    bundle: { file: `host-${hours}.ndjson`, collectorHost: 'install-1' } as JoinedBundleSource['bundle'],
    answers: (async function* () {
      yield line;
    })(),
    keyDigest: (id) => id,
  };
}

it.each([
  ['failed', false],
  ['answered', true],
])('files drawn are those of the last look, which %s', async (_, isAnswered) => {
  for (const isReversed of [false, true]) {
    const bundles = [bundle(5, !isAnswered), bundle(2, isAnswered)];
    const joined = await joinBundles(isReversed ? bundles.reverse() : bundles, () => null, {
      providers: [],
      locations: [],
      install: { host: 'install-1' },
    });
    expect(joined.fileSample('/store', 'org/tenant')?.bundle.file).toBe('host-2.ndjson');
  }
});
