import { describe, expect, test } from 'vitest';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { FACT_KINDS, type FactKind } from '../../src/model/facts.ts';
import type { Subject } from '../../src/model/subject.ts';
import { evidence, policyOf } from '../evaluate/fixture.ts';
import { isAbout, judgeAll } from './judge-all.ts';
import { type Records, subjectsIn } from './world.ts';

/** Controls that nobody asked for are not applicable whatever is seen, with the reason. */
const NOT_ASKED_BY_POLICY: Readonly<Record<string, string>> = {
  'RST-6': 'the policy of these tests states no target for it',
  'KEY-11': 'the policy of these tests does not ask for it',
};

/** Controls that do not apply to a subject whatever is seen, with the reason. */
const NEVER_ABOUT: Readonly<Record<string, string>> = {
  'DB-16 database:install/novantra': 'the install database belongs to no organization whose regions could bind it',
};

/** Controls that may pass on empty answers, with the reason. */
const PASSES_ON_NOTHING: Readonly<Record<string, string>> = {};

const NOTHING: Records = { install: [], organization: [] };
const SUBJECTS = subjectsIn(NOTHING).map(({ node }) => node.subject);
const POLICY = policyOf();

/** Every question put to every subject, each answered in the same way. */
function answered(of: (kind: FactKind, subject: Subject) => AnyEvidence): Records {
  const part = (isShared: boolean) =>
    SUBJECTS.filter((subject) => (subject.organizationId === null) === isShared).flatMap((subject) =>
      FACT_KINDS.map((kind) => of(kind, subject)),
    );
  return { install: part(true), organization: part(false) };
}

const worlds: readonly (readonly [string, Records])[] = [
  ['nobody asked', NOTHING],
  ['everything unreachable', answered((kind, subject) => evidence(kind, subject, [], { blind: true }))],
  [
    'everything stale',
    answered((kind, subject) =>
      evidence(kind, subject, [{}], {
        collectedAt: '2024-01-01T00:00:00.000Z',
      }),
    ),
  ],
];

describe.each(worlds)('%s', (name, records) => {
  const findings = judgeAll(records, POLICY);
  test.each(CONTROLS.map((control) => control.id))('%s is unknown', (id) => {
    const own = [...findings].filter(([key]) => key.startsWith(`${id} `));
    expect(own.length).toBeGreaterThan(0);
    for (const [key, { status, because }] of own) {
      // Configuration and attestations are read whenever judged, and do not go stale.
      if (name === 'everything stale') expect(status, `${key}: ${because}`).not.toBe('pass');
      else
        expect(status, `${key}: ${because}`).toBe(
          (NOT_ASKED_BY_POLICY[id] ?? NEVER_ABOUT[key]) === undefined ? 'unknown' : 'not-applicable',
        );
    }
  });
});

describe('everything answered, and there is nothing', () => {
  const findings = judgeAll(
    answered((kind, subject) => evidence(kind, subject, [])),
    POLICY,
  );
  test.each(CONTROLS.map((control) => control.id))('%s does not pass', (id) => {
    const own = [...findings].filter(([key]) => key.startsWith(`${id} `));
    expect(own.length).toBeGreaterThan(0);
    for (const [key, { status, because }] of own) {
      if (PASSES_ON_NOTHING[id] === undefined) expect(status, `${key}: ${because}`).not.toBe('pass');
    }
  });
});

test('every control is about a subject of these worlds', () => {
  for (const control of CONTROLS) {
    expect(
      SUBJECTS.some((subject) => isAbout(control, subject.kind)),
      control.id,
    ).toBe(true);
  }
});
