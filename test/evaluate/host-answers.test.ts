import { describe, expect, it } from 'vitest';
import { factView } from '../../src/evaluate/fact-view.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { HOUR } from '../../src/model/instant.ts';
import { createDisagreementList } from '../../src/report/assemble/disagreements.ts';
import { AS_OF, ago, evidence, HOST } from './fixture.ts';

/** One answer about one place of the host. */
function answer(age: number, path: string, items: readonly Partial<Facts['host-file']>[], blind = false): AnyEvidence {
  const options = { collectedAt: ago(age), source: 'install host', ...(blind ? { blind: true as const } : {}) };
  return { ...evidence('host-file', HOST, items, options), locator: path } as AnyEvidence;
}

const seen = (records: readonly AnyEvidence[]) => factView(records, AS_OF, 24, () => 30).seen('host-file', HOST);
const BOOTSTRAP = '/etc/novantra/bootstrap.env';

describe('a host file that several bundles tell of', () => {
  it('is what the newest answer says of each place, and a notice says that they differ', () => {
    const records = [
      answer(2 * HOUR, BOOTSTRAP, [{ digest: 'new' }]),
      answer(5 * HOUR, BOOTSTRAP, [{ digest: 'old' }]),
      answer(5 * HOUR, '/state', [{ role: 'state-directory', path: '/state', digest: 'tree' }]),
    ];
    expect(seen(records).observations.map(({ value }) => value.digest)).toEqual(['new', 'tree']);
    const list = createDisagreementList();
    list.add(records);
    expect(list.notices()).toHaveLength(1);
    expect(list.notices()[0]?.text).toContain('The host file of');
  });

  it('is not hidden by a blind spot, however new', () => {
    const found = seen([answer(HOUR, BOOTSTRAP, [], true), answer(5 * HOUR, BOOTSTRAP, [{ digest: 'old' }])]);
    expect(found.observations.map(({ value }) => value.digest)).toEqual(['old']);
    expect(found.blindSpots).toEqual([]);
  });

  it('is stale beyond the limit, and says where to collect again', () => {
    const found = seen([answer(30 * HOUR, BOOTSTRAP, [{ digest: 'old' }])]);
    expect(found.observations).toEqual([]);
    expect(found.blindSpots[0]?.blindSpot).toMatchObject({
      reason: 'stale',
      remedy: expect.stringContaining('collect --plan'),
    });
  });
});
