import { expect, test } from 'vitest';
import { key10 } from '../../../src/evaluate/controls/key-10.ts';
import { evidence, judge, node, ORGANIZATION, scopeOf } from '../fixture.ts';

interface Sketch {
  readonly keyrings?: number;
  readonly keyringsBlind?: true;
  readonly overlaps?: number;
  readonly overlapsBlind?: true;
}

function found({ keyrings = 1, keyringsBlind, overlaps = 0, overlapsBlind }: Sketch) {
  const some = (count: number) => Array.from({ length: count }, () => ({}));
  return judge(
    key10,
    node(ORGANIZATION),
    scopeOf({
      organization: {
        evidence: [
          evidence('keyring', ORGANIZATION, some(keyrings), { blind: keyringsBlind }),
          evidence('key-overlap', ORGANIZATION, some(overlaps), { blind: overlapsBlind }),
        ],
      },
    }),
  );
}

test('a key of its own passes', () => {
  expect(found({})).toMatchObject({ status: 'pass', because: 'no other organization uses its key' });
});

test('a shared one is a gap that names nobody else', () => {
  expect(found({ overlaps: 1 })).toMatchObject({
    status: 'fail',
    because: 'the key of keyring keyring-acme is used by another organization as well',
  });
});

test('where not all keys could be compared it is unknown, unless sharing was seen', () => {
  expect(found({ overlapsBlind: true }).status).toBe('unknown');
  expect(found({ overlaps: 1, overlapsBlind: true }).status).toBe('fail');
});

test('no keyring: not applicable; keyrings that are not known: unknown', () => {
  expect(found({ keyrings: 0 }).status).toBe('not-applicable');
  expect(found({ keyrings: 0, keyringsBlind: true }).status).toBe('unknown');
});
