import { describe, expect, test } from 'vitest';
import { db13 } from '../../../src/evaluate/controls/db-13.ts';
import type { AnyEvidence } from '../../../src/model/evidence.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { copyOfAge, type DatabaseCase, judgeDatabase } from '../database-case.ts';
import { ago, evidence, INSTALL_NODES, LOCATION, node, subject } from '../fixture.ts';

const SECOND = subject('location', 'second');
type Place = Partial<Facts['store-encryption']> | 'blind';

interface Case extends DatabaseCase {
  /** Of location `dumps`; `second` is a directory. */
  readonly place?: Place;
  readonly attested?: readonly string[];
  readonly expired?: boolean;
}

function judge({ place = { byDefault: 'not-told', algorithm: null }, attested = [], ...seen }: Case = {}) {
  const about = (name: string) => (name === SECOND.key ? SECOND : LOCATION);
  const dates = seen.expired === true ? { expires: ago(DAY) } : {};
  return judgeDatabase(db13, {
    ...seen,
    installNodes: [...INSTALL_NODES, node(SECOND)],
    installMore: [
      answer(place),
      evidence('store-encryption', SECOND, [{ byDefault: 'not-told', algorithm: null }]),
      ...attested.map((name) =>
        evidence('declaration', about(name), [{ statement: 'encryption-at-rest', ...dates }], { grade: 'declared' }),
      ),
    ],
  });
}

function answer(place: Place): AnyEvidence {
  return place === 'blind'
    ? evidence('store-encryption', LOCATION, [], { blind: 'unauthorized' })
    : evidence('store-encryption', LOCATION, [place]);
}

const KEPT = { physical: undefined, kept: { account: '111122223333', region: 'eu-central-1' } } as const;

describe('a directory', () => {
  test('tells nothing of its disks: unknown, with the attestation that would settle it', () => {
    const finding = judge();
    expect(finding).toMatchObject({ status: 'unknown', severity: 'high', bears: 'audit' });
    expect(finding.because).toBe(
      'tenant_acme.dump in dumps: it is not encrypted itself, and nobody sees the disks of dumps: attest encryption-at-rest for location:dumps',
    );
    expect(finding.remediation).toContain('statement encryption-at-rest, subject location:NAME');
  });

  test('that is attested passes, as far as that is only declared', () => {
    const finding = judge({ attested: ['dumps'] });
    expect(finding).toMatchObject({ status: 'pass', grade: 'declared' });
    expect(finding.because).toBe('1 copy in dumps, attested to be encrypted (attestation declaration-1)');
  });

  test('whose attestation has expired is unknown again', () => {
    expect(judge({ attested: ['dumps'], expired: true }).status).toBe('unknown');
  });

  test('that is attested does not speak for another one', () => {
    const copies = [copyOfAge(16), copyOfAge(40, { location: 'second' })];
    const finding = judge({ copies, attested: ['dumps'] });
    expect(finding).toMatchObject({ status: 'unknown' });
    expect(finding.because).toContain('location:second');
    expect(judge({ copies, attested: ['dumps', 'second'] }).status).toBe('pass');
  });
});

describe('a bucket', () => {
  test('that encrypts by default passes', () => {
    const finding = judge({
      place: { byDefault: 'yes', algorithm: 'aws:kms' },
      copies: [copyOfAge(16), copyOfAge(40)],
    });
    expect(finding).toMatchObject({ status: 'pass', grade: 'observed' });
    expect(finding.because).toBe('2 copies in dumps, which encrypts by default (aws:kms)');
  });

  test('without default encryption fails, unless its disks are attested to be encrypted', () => {
    const place = { byDefault: 'no', algorithm: null } as const;
    const finding = judge({ place });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('it is not encrypted itself, and dumps has no default encryption');
    expect(judge({ place, attested: ['dumps'] }).status).toBe('pass');
  });

  test('that may not be asked is a blind spot, and an attestation settles it', () => {
    expect(judge({ place: 'blind' }).status).toBe('unknown');
    expect(judge({ place: 'blind', attested: ['dumps'] }).status).toBe('pass');
  });

  test('without default encryption says nothing of a copy that does not tell whether it is encrypted itself', () => {
    const copies = [copyOfAge(16, { encrypted: null })];
    expect(judge({ copies, place: { byDefault: 'no', algorithm: null } }).status).toBe('unknown');
  });
});

describe('a copy', () => {
  test('that is encrypted itself needs no place, whatever the place would tell', () => {
    const closed = { encrypted: true, nameAgrees: null, integrity: 'unproven' } as const;
    const finding = judge({ copies: [copyOfAge(16, closed)], place: 'blind' });
    expect(finding).toMatchObject({ status: 'pass', because: '1 copy encrypted by their own format' });
  });

  test('that a service keeps: what the service says outweighs an attestation', () => {
    expect(judge({ copies: [copyOfAge(16, { ...KEPT, encrypted: true })] }).because).toContain('as their service says');
    const finding = judge({ copies: [copyOfAge(16, { ...KEPT, encrypted: false })], attested: ['dumps'] });
    expect(finding).toMatchObject({ status: 'fail' });
    expect(finding.because).toContain('its service says that it is not encrypted');
    expect(judge({ copies: [copyOfAge(16, { ...KEPT, encrypted: null })] }).status).toBe('unknown');
  });

  test('of another database, cut off, or of an unknown one decides nothing', () => {
    const place = { byDefault: 'no', algorithm: null } as const;
    const good = copyOfAge(16, { encrypted: true });
    expect(judge({ place, copies: [good, copyOfAge(40, { nameAgrees: false })] }).status).toBe('pass');
    expect(judge({ place, copies: [good, copyOfAge(40, { integrity: 'incomplete' })] }).status).toBe('pass');
    expect(judge({ place, copies: [good, copyOfAge(40, { sameNameDatabases: 2 })] }).status).toBe('unknown');
    expect(judge({ place, copies: [good, copyOfAge(40)] }).status).toBe('fail');
  });

  test('is not there: not applicable; that nobody could look is unknown', () => {
    expect(judge({ copies: [] })).toMatchObject({
      status: 'not-applicable',
      because: 'there is no copy that could count',
    });
    expect(judge({ copies: 'blind' }).status).toBe('unknown');
  });
});
