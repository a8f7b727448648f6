import { describe, expect, test } from 'vitest';
import { key13 } from '../../src/evaluate/controls/key-13.ts';
import { defineControl, judged, need, part } from '../../src/evaluate/define-control.ts';
import type { Part } from '../../src/model/control.ts';
import type { FactKind } from '../../src/model/facts.ts';
import { evidence, INSTALL, judge, node, scopeOf } from './fixture.ts';
import { judgeKeyring } from './key-case.ts';

const OWN = 'Look at it by hand, and do nothing else meanwhile.';
const FACTS = ['install', 'license', 'organization-list', 'organization', 'restore-test'] as const;

/** A part that holds by what it sees of the facts, so that blind spots alone leave it open. */
function asking(name: string, ...facts: readonly FactKind[]): Part {
  return part({
    name,
    needs: Object.fromEntries(facts.map((fact) => [fact, need(fact, 'self', 'either')])),
    judge: () => judged('holds', 'all is well'),
  });
}

const undecided = part({
  name: 'undecided',
  needs: { installs: need('install', 'self', 'more-helps') },
  judge: () => judged('unknown', 'it does not tell'),
});

function control(parts: readonly [Part, ...Part[]], remediationUnknown?: string) {
  const own = remediationUnknown === undefined ? {} : { remediationUnknown };
  return defineControl({
    id: 'TEST-1',
    title: 'It is well',
    failureTitle: 'It is not well',
    severity: 'high',
    bears: 'recovery',
    subject: 'install',
    rationale: 'For this test.',
    remediation: 'Drop it at once.',
    ...own,
    limits: [],
    combine: 'all',
    parts,
  });
}

const SEEN = scopeOf({ install: { evidence: [evidence('install', INSTALL, [{}])] } });
const blindTo = (remedies: readonly (string | null)[]) =>
  scopeOf({
    install: {
      evidence: remedies.map((remedy, index) => {
        const record = evidence(FACTS[index] ?? 'install', INSTALL, [], { blind: true });
        return remedy === null || record.blindSpot === null
          ? record
          : { ...record, blindSpot: { ...record.blindSpot, remedy } };
      }),
    },
  });

describe('advice for an unknown', () => {
  test('is what its blind spots ask for, each once and at most three', () => {
    const blind = blindTo(['Open the port.', 'Open the port.', 'Grant the right.', 'Name the place.', 'Ask again.']);
    const finding = judge(control([asking('one', ...FACTS)], OWN), node(INSTALL), blind);
    expect(finding).toMatchObject({
      status: 'unknown',
      remediation: 'Open the port. Grant the right. Name the place.',
    });
  });

  test('is the control’s own where its judge cannot tell', () => {
    expect(judge(control([undecided], OWN), node(INSTALL), SEEN)).toMatchObject({
      status: 'unknown',
      remediation: OWN,
    });
    expect(judge(control([undecided]), node(INSTALL), SEEN).remediation).toBe('Drop it at once.');
  });

  test('is both where one part is blind and the judge of another cannot tell', () => {
    const parts = [asking('one', 'license'), undecided] as const;
    const scope = scopeOf({
      install: { evidence: [evidence('install', INSTALL, [{}]), evidence('license', INSTALL, [], { blind: true })] },
    });
    expect(judge(control(parts, OWN), node(INSTALL), scope).remediation).toBe(`Repair the fixture. ${OWN}`);
    expect(judge(control(parts), node(INSTALL), scope).remediation).toBe('Repair the fixture.');
  });

  test('never says of KEY-13 that a snapshot should be restored', () => {
    for (const finding of [
      judgeKeyring(key13, { key: 'blind' }),
      judgeKeyring(key13, { records: [] }),
      judgeKeyring(key13, { key: [{ state: 'missing', versions: null, createdAt: null }] }),
    ]) {
      expect(finding.status).toBe('unknown');
      expect(finding.remediation).not.toMatch(/Encrypt nothing|Restore/);
    }
    const replaced = judgeKeyring(key13, {
      key: [{ versions: [{ version: 1, createdAt: '2026-03-01T00:00:00.000Z' }] }],
    });
    expect(replaced.remediation).toContain('Encrypt nothing more with it');
  });
});

test('what several parts could not see is said once', () => {
  const parts = [asking('one', 'install'), asking('two', 'install', 'license')] as const;
  const scope = scopeOf({ install: { evidence: [evidence('license', INSTALL, [], { blind: true })] } });
  expect(judge(control(parts), node(INSTALL), scope).because).toBe(
    'cannot be judged: nobody asked for what the install says of itself; license unreachable',
  );
});
