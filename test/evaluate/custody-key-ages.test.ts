import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { type CustodyCase, held, judgeDependence, judgeInstallRecoverable, judgeRecoverable } from './custody-case.ts';

type Key = Partial<Facts['key-state']>;

/** A key of the second Vault, with the moments at which the versions that it has were made. */
function key(keyRef: string, ...made: readonly (readonly [version: number, at: string])[]): Key {
  return { keyRef, versions: made.map(([version, createdAt]) => ({ version, createdAt })) };
}

const bySecond = (keyRef: string) => ({ kind: 'provider', name: 'vault-2', key: keyRef }) as const;
const OLD: readonly [number, string] = [1, '2025-02-01T09:04:00.000Z'];
/** The snapshots are of 01:00, the copies were written at 02:10 and later. */
const BETWEEN = '2026-11-22T01:30:00.000Z';
const AFTER = '2026-11-22T03:00:00.000Z';
const ENCRYPTED: CustodyCase = { opens: { dumps: [held('encryption-key', [bySecond('files')])] } };
const APART: CustodyCase = {
  providerDomain: [{ host: 'far-away' }],
  secondSnapshots: [{ location: 'sets', path: 'second.snap', mountUuids: ['mount-2'] }],
};

describe('the key of a location in a Vault that is lost', () => {
  const judged = (files: Key, more: CustodyCase = {}) => {
    const seen = { ...ENCRYPTED, ...APART, ...more, keys: { 'vault-2': [files] } };
    return [judgeRecoverable(seen), judgeInstallRecoverable(seen), judgeDependence(seen)] as const;
  };

  it('comes back with a snapshot that is younger than all of its versions', () => {
    for (const finding of judged(key('files', OLD))) expect(finding.status).toBe('pass');
    for (const finding of judged(key('files', OLD, [2, '2026-01-01T00:00:00.000Z'])))
      expect(finding.status).toBe('pass');
  });

  it('is gone where every snapshot is from before the key was made', () => {
    for (const finding of judged(key('files', [1, BETWEEN]))) {
      expect(finding.status).toBe('fail');
      expect(finding.because).toContain(
        'vault-2 is lost, and key files of vault-2, made 2026-11-22 01:30 UTC, is younger than every snapshot of it that outlives the loss',
      );
    }
  });

  it('may be in an older snapshot in some of its versions', () => {
    for (const made of [[OLD, [2, BETWEEN]], [[2, BETWEEN]]] as const) {
      for (const finding of judged(key('files', ...made))) {
        expect(finding.status).toBe('unknown');
      }
    }
    const undated = [{ location: 'sets', path: 'second.snap', mountUuids: ['mount-2'], takenAt: null }];
    for (const finding of judged(key('files', OLD), { secondSnapshots: undated }))
      expect(finding.status).toBe('unknown');
  });

  it('is there where one snapshot of several has it, or its Vault outlives the loss', () => {
    const older = { location: 'sets', path: 'second.snap', mountUuids: ['mount-2'] };
    const secondSnapshots = [older, { ...older, path: 'new.snap', takenAt: '2026-11-22T01:45:00.000Z' }];
    for (const finding of judged(key('files', [1, BETWEEN]), { secondSnapshots })) expect(finding.status).toBe('pass');
    const secondDomain = { host: 'far-away' };
    for (const finding of judged(key('files', [1, BETWEEN]), { secondDomain })) expect(finding.status).toBe('pass');
  });
});

describe('a copy that is older than the key with which it is stated to be encrypted', () => {
  const seen: CustodyCase = {
    ...ENCRYPTED,
    ...APART,
    secondDomain: { host: 'far-away' },
    keys: { 'vault-2': [key('files', [1, AFTER])] },
  };

  it('may need another key', () => {
    for (const finding of [judgeRecoverable(seen), judgeInstallRecoverable(seen), judgeDependence(seen)]) {
      expect(finding.status).toBe('unknown');
      expect(finding.because).toContain(
        'what lies in dumps from before 2026-11-22 03:00 UTC is older than all that there is of key files of vault-2',
      );
    }
    const trimmed = { 'vault-2': [{ ...key('files', [2, AFTER]), minAvailableVersion: 2 }] };
    expect(judgeRecoverable({ ...seen, keys: trimmed }).status).toBe('unknown');
  });

  it('is none where the key has versions from before the copy, or another copy is younger', () => {
    expect(judgeRecoverable({ ...seen, keys: { 'vault-2': [key('files', OLD, [2, AFTER])] } }).status).toBe('pass');
    const copies = [{}, { path: 'later.dump', modifiedAt: '2026-11-22T04:00:00.000Z' }];
    expect(judgeRecoverable({ ...seen, copies, installCopies: copies }).status).toBe('pass');
  });

  it('tells nothing of a bucket whose default was observed', () => {
    const observed = { dumps: [held('encryption-key', [bySecond('files')], 'observed')] };
    expect(judgeRecoverable({ ...seen, opens: observed }).status).toBe('pass');
  });
});

describe('the key that unseals a Vault, in another one', () => {
  const chain: CustodyCase = {
    first: { sealType: 'transit' },
    opens: { 'vault-1': [held('unseal-key', [bySecond('unseal')])] },
  };
  const snapshotOf = (takenAt: string) => [{ path: 'second.snap', mountUuids: ['mount-2'], takenAt }];

  it('is gone where the other is lost with it, and its snapshots are from before the key was made', () => {
    const keys = { 'vault-2': [key('unseal', [1, '2026-11-22T00:30:00.000Z'])] };
    const seen = { ...chain, keys, secondSnapshots: snapshotOf('2026-11-22T00:00:00.000Z') };
    for (const finding of [judgeRecoverable(seen), judgeDependence(seen)]) {
      expect(finding.status).toBe('fail');
      expect(finding.because).toContain(
        'key unseal of vault-2, made 2026-11-22 00:30 UTC, is younger than every snapshot',
      );
    }
    const younger = { ...seen, secondSnapshots: snapshotOf('2026-11-22T00:45:00.000Z') };
    for (const finding of [judgeRecoverable(younger), judgeDependence(younger)]) expect(finding.status).toBe('pass');
  });

  it.each<readonly [string, Key]>([
    ['was made anew', key('unseal', [1, BETWEEN])],
    ['lost its first version', { ...key('unseal', [2, BETWEEN]), minAvailableVersion: 2 }],
  ])('may not be what opens a snapshot from before it %s, wherever the other stands', (_, unseal) => {
    for (const secondDomain of [{ host: 'far-away' }, { host: 'install-1' }]) {
      const secondSnapshots = snapshotOf('2026-11-22T02:00:00.000Z');
      const seen = { ...chain, secondDomain, secondSnapshots, keys: { 'vault-2': [unseal] } };
      for (const finding of [judgeRecoverable(seen), judgeDependence(seen)]) {
        expect(finding.status).toBe('unknown');
        expect(finding.because).toContain(
          'is older than all that there is of key unseal of vault-2, which unseals vault-1',
        );
      }
      const later = { ...seen, snapshots: [{ takenAt: '2026-11-22T01:45:00.000Z' }] };
      for (const finding of [judgeRecoverable(later), judgeDependence(later)]) expect(finding.status).toBe('pass');
    }
  });
});

describe('the key of a bucket in a lost Vault that was rotated since the last snapshot of it', () => {
  const encrypted = (more: Partial<ReturnType<typeof held>> = { perObject: true }): CustodyCase => ({
    ...APART,
    opens: { dumps: [{ ...held('encryption-key', [bySecond('files')]), ...more }] },
    keys: { 'vault-2': [key('files', OLD, [2, AFTER])] },
  });
  const of = (seen: CustodyCase) => [judgeRecoverable(seen), judgeInstallRecoverable(seen), judgeDependence(seen)];
  const young = { modifiedAt: '2026-11-22T03:10:00.000Z' };

  it('opens what was written before by the version of then', () => {
    for (const finding of of(encrypted())) expect(finding.status).toBe('pass');
  });

  it('is not known to open what was written since, or about then', () => {
    for (const modifiedAt of [young.modifiedAt, '2026-11-22T02:57:00.000Z']) {
      const later = [{ modifiedAt }];
      for (const finding of of({ ...encrypted(), copies: later, installCopies: later })) {
        expect(finding.status).toBe('unknown');
        expect(finding.because).toContain('whether a snapshot of it that outlives the loss has key files of vault-2');
      }
    }
    const both = [{ ...young, path: 'young.dump' }, {}];
    expect(judgeRecoverable({ ...encrypted(), copies: both }).status).toBe('pass');
  });

  it('is not known to open what is many files, or lies where one key may be for all of it', () => {
    const files = [{ format: 'directory' }];
    expect(judgeRecoverable({ ...encrypted(), copies: files }).status).toBe('unknown');
    for (const finding of of(encrypted({}))) expect(finding.status).toBe('unknown');
  });

  it('opens it by a snapshot from between two rotations, whatever younger one cannot be opened', () => {
    const [first, second, third] = ['2026-11-22T02:30:00.000Z', AFTER, '2026-11-22T04:00:00.000Z'];
    const keys = { 'vault-2': [key('files', OLD, [2, first], [3, second], [4, third])] };
    const snapshot = { location: 'sets', path: 'second.snap', mountUuids: ['mount-2'] };
    const closed = { ...snapshot, location: 'dumps', path: 'closed.snap', takenAt: '2026-11-22T03:30:00.000Z' };
    for (const finding of of({ ...encrypted(), keys, secondSnapshots: [snapshot, closed] }))
      expect(finding.status).toBe('pass');
    const later = [{ modifiedAt: '2026-11-22T02:40:00.000Z' }];
    expect(
      judgeRecoverable({ ...encrypted(), keys, secondSnapshots: [snapshot, closed], copies: later }).status,
    ).not.toBe('pass');
  });

  it('is not known to be there where its Vault tells no times, or has no snapshot that certainly counts', () => {
    const untimed = {
      keyRef: 'files',
      versions: [
        { version: 1, createdAt: null },
        { version: 2, createdAt: AFTER },
      ],
    };
    expect(judgeRecoverable({ ...encrypted(), keys: { 'vault-2': [untimed] } }).status).toBe('unknown');
    const cut = [{ location: 'sets', path: 'second.snap', mountUuids: ['mount-2'], complete: false }];
    expect(judgeRecoverable({ ...encrypted(), secondSnapshots: cut }).status).not.toBe('pass');
    const undated = [{ location: 'sets', path: 'second.snap', mountUuids: ['mount-2'], takenAt: null }];
    expect(judgeRecoverable({ ...encrypted(), secondSnapshots: undated }).status).toBe('unknown');
  });

  it('is gone for what was written before, too, where that version is no longer there', () => {
    const trimmed = { ...key('files', [2, AFTER]), minAvailableVersion: 2 };
    for (const finding of of({ ...encrypted(), keys: { 'vault-2': [trimmed] } }))
      expect(finding.status).not.toBe('pass');
  });
});
