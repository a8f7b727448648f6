import { describe, expect, it } from 'vitest';
import { run3 } from '../../src/evaluate/controls/run-3.ts';
import { plantedGapEvidence } from '../../src/evaluate/planted/find-planted.ts';
import { PLANTS } from '../../src/evaluate/planted/planted-gaps.ts';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import type { Control } from '../../src/model/control.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { AS_OF, evidence, INSTALL, judge, node, scopeOf } from './fixture.ts';

const found = (controls: readonly Control[], asOf = AS_OF) =>
  plantedGapEvidence(controls, INSTALL, asOf).items as readonly Facts['planted-gap'][];
const judgeWith = (record: AnyEvidence) => judge(run3, node(INSTALL), scopeOf({ install: { evidence: [record] } }));

describe('planted gaps', () => {
  it.each(PLANTS)('$controlId: $planted is found, and nothing where it is not', ({ controlId, planted }) => {
    const own = found(CONTROLS).find((one) => one.controlId === controlId && one.planted === planted);
    expect(own).toMatchObject({ withGap: 'fail', without: 'pass' });
  });

  it('are found at any time', () => {
    for (const asOf of ['2024-02-29T23:59:59.000Z', '2031-01-01T00:00:00.000Z']) {
      expect(found(CONTROLS, asOf).every(({ withGap, without }) => withGap === 'fail' && without === 'pass')).toBe(
        true,
      );
    }
  });
});

describe('RUN-3', () => {
  it('passes where all are found', () => {
    const finding = judgeWith(plantedGapEvidence(CONTROLS, INSTALL, AS_OF));
    expect(finding).toMatchObject({ status: 'pass', severity: 'high' });
    expect(finding.because).toBe(`${PLANTS.length} planted gaps found in this run, and none where none was`);
  });

  it('fails where a control has come to pass everything, to fail everything, or is gone', () => {
    const always = (truth: 'holds' | 'fails') =>
      CONTROLS.map((control): Control => {
        if (control.id !== 'DB-3') return control;
        const [first] = control.parts;
        return { ...control, parts: [{ ...first, needs: {}, judge: () => ({ truth, because: 'always', cites: [] }) }] };
      });
    for (const controls of [always('holds'), always('fails'), CONTROLS.filter(({ id }) => id !== 'DB-3')]) {
      const finding = judgeWith(plantedGapEvidence(controls, INSTALL, AS_OF));
      expect(finding.status).toBe('fail');
      expect(finding.because).toContain('DB-3 (a database whose newest copy is a month old)');
    }
  });

  it('is unknown where nothing was planted', () => {
    expect(judgeWith(evidence('planted-gap', INSTALL, [])).status).toBe('unknown');
    expect(judge(run3, node(INSTALL), scopeOf({})).status).toBe('unknown');
  });
});
