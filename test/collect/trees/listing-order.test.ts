import { describe, expect, it } from 'vitest';
import { listingOrder } from '../../../src/collect/trees/listing-order.ts';

/** How many pages, given by their last keys, are taken before the listing is refused. */
function taken(lastKeys: readonly string[], bucket = 'files'): number {
  const order = listingOrder(bucket);
  const at = lastKeys.findIndex((key) => !order.goesOn(key));
  return at < 0 ? lastKeys.length : at;
}

describe('a listing goes on', () => {
  it('where keys ascend, by bytes or by UTF-16 units', () => {
    const keys = ['Z', 'a', 'a b', 'a/b', 'b', 'ä', '\u{e000}', '\u{ffee}', '\u{1f600}', '\u{1f601}', '\u{1f602}'];
    expect(taken(keys)).toBe(keys.length);
    const byUnits = [...keys].sort();
    expect(byUnits).not.toEqual(keys);
    expect(taken(byUnits)).toBe(keys.length);
    expect(taken([])).toBe(0);
  });

  it('where one page is told twice', () => {
    expect(taken(['a', 'b', 'b', 'c', 'c', 'd'])).toBe(6);
  });

  it('not where pages repeat, or go back, one after another', () => {
    expect(taken(['a', 'b', 'b', 'b', 'c'])).toBe(3);
    const counted = Array.from({ length: 30_000 }, (_, number) => `k${number}`);
    const pages = counted.filter((_, at) => at % 1000 === 999);
    expect(taken(pages)).toBe(2);
  });

  it('in a directory bucket whatever its order is', () => {
    expect(taken(['c', 'b', 'a'], 'files--usw2-az1--x-s3')).toBe(3);
  });
});
