import { describe, expect, it } from 'vitest';
import { installPlanes, planeOf, planeState, planesOf } from '../../src/evaluate/planes.ts';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import type { Finding } from '../../src/model/finding.ts';
import { INSTALL } from './fixture.ts';

function finding(controlId: string, status: Finding['status'], change: Partial<Finding> = {}): Finding {
  return {
    id: `${controlId} ${status}`,
    controlId,
    title: controlId,
    severity: 'high',
    bears: 'recovery',
    status,
    grade: 'observed',
    subject: INSTALL,
    because: 'it is so',
    evidence: [],
    blindSpotIds: [],
    ...change,
  };
}

describe('the plane of a control', () => {
  it.each([
    ['INV-4', 'database'],
    ['DB-3', 'database'],
    ['KEY-7', 'keys'],
    ['FILE-1', 'files'],
    ['HOST-1', 'host'],
    ['RST-6', 'restore'],
    ['INV-1', null],
    ['REC-1', null],
    ['RUN-2', null],
  ] as const)('%s: %s', (id, plane) => {
    expect(planeOf(id)).toBe(plane);
  });

  it('is null for the inventory, the joined questions and the audit itself only', () => {
    const without = CONTROLS.filter(({ id }) => planeOf(id) === null).map(({ id }) => id.split('-')[0]);
    expect(new Set(without)).toEqual(new Set(['INV', 'REC', 'RUN']));
  });
});

describe('the state of a plane', () => {
  it.each([
    ['a serious gap', [finding('DB-3', 'fail')], 'gap'],
    ['a serious gap in protection', [finding('DB-1', 'fail', { bears: 'protection' })], 'gap'],
    ['a gap beside an unknown', [finding('DB-2', 'unknown'), finding('DB-3', 'fail')], 'gap'],
    ['a waived gap', [finding('DB-3', 'waived')], 'gap'],
    ['a gap of hygiene', [finding('DB-13', 'fail', { bears: 'audit' })], 'ok'],
    ['a gap of medium severity', [finding('DB-8', 'fail', { severity: 'medium' })], 'ok'],
    ['an unknown of recovery', [finding('DB-3', 'pass'), finding('DB-2', 'unknown')], 'unknown'],
    ['an unknown of protection', [finding('DB-1', 'unknown', { bears: 'protection' })], 'ok'],
    ['passes', [finding('DB-3', 'pass'), finding('DB-9', 'not-applicable')], 'ok'],
    ['nothing applicable', [finding('DB-3', 'not-applicable')], 'not-applicable'],
    ['a gap of another plane', [finding('KEY-1', 'fail'), finding('DB-3', 'pass')], 'ok'],
    ['no finding', [], 'unknown'],
  ] as const)('with %s', (_, findings, state) => {
    expect(planeState('database', findings)).toBe(state);
  });

  it('takes host and restore tests from the install, whatever stands among the organization’s own', () => {
    const own = [finding('HOST-1', 'fail'), finding('DB-3', 'pass')];
    const install = [finding('HOST-1', 'pass'), finding('RST-1', 'fail'), finding('DB-3', 'fail')];
    expect(planesOf(own, installPlanes(install))).toEqual({
      database: 'ok',
      keys: 'unknown',
      files: 'unknown',
      host: 'ok',
      restore: 'gap',
    });
  });

  it('is not asked for what is excluded, and the install has no files of its own', () => {
    const install = [finding('HOST-1', 'pass')];
    expect(planesOf([], installPlanes(install), true)).toMatchObject({
      database: 'not-applicable',
      keys: 'not-applicable',
      files: 'not-applicable',
      host: 'ok',
      restore: 'unknown',
    });
    expect(installPlanes(install)).toMatchObject({ database: 'unknown', files: 'not-applicable', host: 'ok' });
  });
});
