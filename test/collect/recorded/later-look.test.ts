import { describe, expect, it } from 'vitest';
import { lastLook, notOverruled } from '../../../src/collect/recorded/later-look.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import { HOUR } from '../../../src/model/instant.ts';
import { ago, evidence, TENANT_STORE } from '../../evaluate/fixture.ts';

type Look = Evidence<'store-state'>;

/** A look so many hours ago; null: it failed. */
function look(hours: number, detail: string | null): Look {
  const items = detail === null ? [] : [{ detail }];
  const options = { collectedAt: ago(hours * HOUR), ...(detail === null ? { blind: true as const } : {}) };
  return evidence('store-state', TENANT_STORE, items, options) as Look;
}

const told = (records: readonly Look[]) => records.map(({ items }) => items[0]?.detail ?? 'failed');

describe('answers to one question', () => {
  const there = look(5, 'there');

  it('are overruled by a later look that failed, in whatever order the bundles were named', () => {
    const gone = look(2, null);
    expect(told(notOverruled([there, gone], null))).toEqual(['failed']);
    expect(told(notOverruled([gone, there], null))).toEqual(['failed']);
    expect(told(notOverruled([look(5, 'there'), look(5, null)], null))).toEqual(['failed']);
  });

  it('stand where they came after a look that failed', () => {
    expect(told(notOverruled([look(9, null), there], null))).toContain('there');
    const bundles = [look(9, 'before'), look(7, null), there, look(3, 'empty')];
    expect(told(notOverruled(bundles, null))).toEqual(['failed', 'there', 'empty']);
  });

  it('are overruled by what this run could not see itself', () => {
    expect(told(notOverruled([there], look(0, null)))).toEqual(['failed']);
  });

  it('of a clock ahead are no later than what this run saw itself', () => {
    expect(told(notOverruled([there, look(-1, 'ahead')], look(0, 'empty')))).toEqual(['there', 'empty']);
  });

  it('of a list are those of the last look alone', () => {
    expect(told(lastLook([look(2, 'new'), there], null))).toEqual(['new']);
    expect(told(lastLook([there], look(0, 'own')))).toEqual(['own']);
    expect(lastLook<'store-state'>([], null)).toEqual([]);
  });
});
