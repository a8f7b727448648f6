import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { judgeSaved } from '../../src/pipeline/judge-saved.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { type BundleParts, demoBundle, ofOrganizations, writeParts } from './demo-bundle.ts';

const HIDDEN = { reason: 'unreachable', detail: 'hidden by the test', remedy: 'none' } as const;

/** The same evidence with some answers hidden. */
function withHidden(evidence: readonly AnyEvidence[], hide: (index: number) => boolean): readonly AnyEvidence[] {
  return evidence.map(
    (record, index) => (hide(index) ? { ...record, items: [], blindSpot: HIDDEN } : record) as AnyEvidence,
  );
}

test('law 4: judged, blind and excluded organizations add up to those listed, whatever is hidden', {
  timeout: 180_000,
}, async () => {
  const parts = await demoBundle();
  let blindSeen = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 30 }), fc.constantFrom(0, 0.3, 0.9, 1), async (seed, share) => {
      using scratch = scratchDirectory('counts');
      const random = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { numRuns: 4000, seed });
      let next = 0;
      const hide = () => (random[next++ % random.length] ?? 0) < share;
      const altered: BundleParts = {
        ...parts,
        install: parts.install.map((part) => ({ ...part, evidence: withHidden(part.evidence, hide) })),
        organizations: parts.organizations.map((part) => ({ ...part, evidence: withHidden(part.evidence, hide) })),
      };
      const file = await writeParts(scratch.path, altered);
      await judgeSaved(file, {}, async ({ report }) => {
        const { total, judged, blind, excluded } = report.head.denominator.organizations;
        expect(judged + blind + excluded).toBe(total);
        let rows = 0;
        for await (const summary of report.organizations()) {
          rows += 1;
          if (summary.blind) expect(summary.verdict).toBe('unknown');
        }
        expect(rows).toBe(total);
        const { verdicts } = report.head.install;
        const risk = verdicts['at-risk'];
        const sum =
          verdicts.recoverable +
          risk.gap +
          risk.blindSpot +
          risk.firstCopyDue +
          verdicts.unknown +
          verdicts['not-recoverable'] +
          verdicts.none;
        expect(sum).toBe(total);
        if (blind > 0) expect(report.head.exit.code).toBeGreaterThan(0);
        blindSeen += blind;
      });
    }),
    { numRuns: 12, seed: 20261122 },
  );
  expect(blindSeen).toBeGreaterThan(0);
});

test('law 3: an audit of nothing is not a pass', async () => {
  const parts = ofOrganizations(await demoBundle(), []);
  using scratch = scratchDirectory('nothing');
  for (const total of [0, null]) {
    const file = await writeParts(scratch.path, { ...parts, trailer: { ...parts.trailer, total } });
    await judgeSaved(file, {}, async ({ report }) => expect(report.head.exit.code).toBeGreaterThan(0));
  }
});

test('a bundle from which an organization was taken is refused, or does not add up', async () => {
  const parts = await demoBundle();
  const organizations = parts.organizations.slice(1);
  const count = organizations.length;
  using scratch = scratchDirectory('taken');
  const judgedWith = async (total: number) => {
    const trailer = { ...parts.trailer, organizationParts: count, total };
    return judgeSaved(
      await writeParts(scratch.path, { ...parts, organizations, trailer }),
      {},
      async (judged) => judged,
    );
  };
  await expect(judgedWith(count)).rejects.toThrow(
    `its end says that there are ${count} organizations, and ${count + 1} were counted`,
  );
  expect((await judgedWith(count + 1)).report.head.exit.reasons.join()).toMatch(/not add up|missing|listed/u);
});
