import { describe, expect, test } from 'vitest';
import { ORGANIZATIONS } from '../../src/demo/organizations.ts';
import { type ComparedFinding, compareWithPlanted, PLANTED_GAPS } from '../../src/demo/planted-gaps.ts';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import type { SubjectKind } from '../../src/model/subject.ts';

function asFinding({ controlId, subject, status }: (typeof PLANTED_GAPS)[number]): ComparedFinding {
  const colon = subject.indexOf(':');
  return {
    controlId,
    status,
    subject: { kind: subject.slice(0, colon) as SubjectKind, key: subject.slice(colon + 1) },
  };
}

const PLANTED = PLANTED_GAPS.map(asFinding);

describe('comparing findings with what was planted', () => {
  test('everything planted is found, and findings that pass are passed over', () => {
    const passing = PLANTED.map((finding) => ({ ...finding, status: 'pass' as const }));
    const comparison = compareWithPlanted([...passing, ...PLANTED, ...PLANTED]);
    expect(comparison).toEqual({ found: PLANTED_GAPS, missing: [], unexpected: [] });
  });

  test.each(PLANTED_GAPS.map((gap, index) => ({ ...gap, index })))('$controlId of $subject is missed', ({ index }) => {
    const comparison = compareWithPlanted(PLANTED.filter((_, position) => position !== index));
    expect(comparison.missing).toEqual([PLANTED_GAPS[index]]);
    expect(comparison.found).toHaveLength(PLANTED_GAPS.length - 1);
    expect(comparison.unexpected).toEqual([]);
  });

  test('another control, another subject and another status are not what was planted', () => {
    const others: readonly ComparedFinding[] = [
      { controlId: 'DB-3', status: 'fail', subject: { kind: 'database', key: 'elsewhere' } },
      { controlId: 'RUN-2', status: 'unknown', subject: { kind: 'location', key: 'stand-in-nas-dumps' } },
      ...PLANTED.slice(0, 1).map((finding) => ({ ...finding, status: 'unknown' as const })),
    ];
    const comparison = compareWithPlanted([...PLANTED.slice(1), ...others]);
    expect(comparison.unexpected).toEqual(others);
    expect(comparison.missing).toEqual(PLANTED_GAPS.slice(0, 1));
  });
});

describe('the table of what is planted', () => {
  test('has a gap on every plane, and each names a control', () => {
    expect(new Set(PLANTED_GAPS.map((gap) => gap.plane))).toEqual(
      new Set(['database', 'keys', 'files', 'host', 'restore']),
    );
    const known = new Set(CONTROLS.map((control) => control.id));
    expect(PLANTED_GAPS.filter((gap) => !known.has(gap.controlId))).toEqual([]);
  });

  test('leaves organizations alone that are to be recoverable', () => {
    const planted = new Set(PLANTED_GAPS.map((gap) => gap.organization));
    const others = ORGANIZATIONS.filter(
      (one) => !planted.has(one.name) && !one.excluded && one.state !== 'provisioning',
    );
    expect(others.length).toBeGreaterThanOrEqual(3);
  });
});
