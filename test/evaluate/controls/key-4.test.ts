import { describe, expect, test } from 'vitest';
import { key4 } from '../../../src/evaluate/controls/key-4.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY, MINUTE } from '../../../src/model/instant.ts';
import { DEFAULT_FACTS } from '../default-facts.ts';
import { ago, policyOf } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring } from '../key-case.ts';

const copyAt = (days: number) => {
  const instant = ago(days * DAY);
  return { moment: { notBefore: instant, notAfter: instant, origin: 'test' } };
};
const retired = { version: 1, state: 'retired', createdAt: ago(90 * DAY), retiredAt: ago(30 * DAY) } as const;
const current = { version: 2, createdAt: ago(30 * DAY) };
const shown = (version: number) => ({ version, createdAt: ago(120 * DAY) });
const onlySecond = [
  { latestVersion: 2, minDecryptionVersion: 2, versions: [{ version: 2, createdAt: ago(30 * DAY + MINUTE) }] },
];

test('a retired version that an old copy needs is a gap where it may not decrypt', () => {
  const finding = judgeKeyring(key4, { copies: [copyAt(60)], records: [retired, current], key: onlySecond });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('blocked: version 1 of the key may not decrypt');
});

test('only copies from before it needed it, where policy says that retired means rewrapped', () => {
  const policy = policyOf({ retiredMeansRewrapped: true });
  const seen = { records: [retired, current], key: onlySecond, policy };
  expect(judgeKeyring(key4, { ...seen, copies: [copyAt(1)] }).status).toBe('pass');
  expect(judgeKeyring(key4, { ...seen, copies: [copyAt(1), copyAt(60)] }).status).toBe('fail');
});

test('a copy that may be older than records which do not reach back to the first version may need another one', () => {
  const untimed = { moment: null };
  const spanning = { moment: { notBefore: ago(40 * DAY), notAfter: ago(1 * DAY), origin: 'test' } };
  for (const copy of [untimed, spanning]) {
    expect(judgeKeyring(key4, { copies: [copyAt(1), copy], records: [current], key: onlySecond })).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('may be older than every record of the key'),
    });
  }
  expect(judgeKeyring(key4, { copies: [copyAt(1)], records: [current], key: onlySecond }).status).toBe('pass');
  const first = { ...current, version: 1 };
  expect(judgeKeyring(key4, { copies: [untimed], records: [first] }).status).toBe('pass');
});

test('without a copy that could count nothing needs an old version', () => {
  expect(judgeKeyring(key4, { copies: [] }).status).toBe('not-applicable');
  expect(judgeKeyring(key4, { copies: [{ integrity: 'incomplete' }] }).status).toBe('not-applicable');
  expect(judgeKeyring(key4, { copies: [copyAt(-1)] }).status).toBe('not-applicable');
  expect(judgeKeyring(key4, { copies: 'blind' }).status).toBe('unknown');
});

describe('a version that cannot be used says which copies need it', () => {
  const seen = { records: [retired, current], key: onlySecond };
  const needed = (...copies: readonly Partial<Facts['copy']>[]) => judgeKeyring(key4, { ...seen, copies });

  test('how many, and from when to when', () => {
    const copies = [copyAt(40), copyAt(60), copyAt(50)].map((copy, index) => ({ ...copy, path: `${index}.dump` }));
    const finding = needed(...copies);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(
      'lowering it to 1 brings it back; needed by 3 copies, from 2026-09-23 18:00 UTC to 2026-10-13 18:00 UTC',
    );
    expect(needed(copyAt(60)).because).toContain('needed by 1 copy, of 2026-09-23 18:00 UTC');
  });

  test('apart from those that may not count, or whose moment is not known', () => {
    const open = { ...copyAt(50), databaseOid: 99, path: 'other.dump' };
    const untimed = { moment: null, path: 'untimed.dump' };
    expect(needed(copyAt(60), open).because).toContain(
      'needed by 1 copy, of 2026-09-23 18:00 UTC, and perhaps by 1 copy, of 2026-10-03 18:00 UTC',
    );
    expect(needed(copyAt(60), open, untimed).because).toContain(
      'and perhaps by 2 copies, of 2026-10-03 18:00 UTC (1 of unknown moment)',
    );
    const maybe = needed(open);
    expect(maybe.status).toBe('unknown');
    expect(maybe.because).toContain('; it may be needed by 1 copy, of 2026-10-03 18:00 UTC');
  });

  test('by the rows inside a copy where these were read', () => {
    const finding = judgeKeyring(key4, {
      records: [current],
      key: onlySecond,
      copies: [inside(60, row(1)), copyAt(1)],
    });
    expect(finding.because).toContain('needed by 1 copy, of 2026-09-23 18:00 UTC');
  });

  test('each for itself', () => {
    const third = { version: 3, createdAt: ago(20 * DAY) };
    const key = [{ latestVersion: 3, minAvailableVersion: 2, minDecryptionVersion: 3, versions: [] }];
    const copies = [copyAt(60), copyAt(25)].map((copy, index) => ({ ...copy, path: `${index}.dump` }));
    const finding = judgeKeyring(key4, { records: [retired, current, third], key, copies });
    expect(finding.because).toMatch(
      /^lost: version 1 .* needed by 2 copies, .*; blocked: version 2 .* needed by 1 copy,/,
    );
  });
});

test('a copy older than every record needs what nobody knows, unless the records reach back to the first version', () => {
  const later = { records: [current], key: [{ latestVersion: 2, versions: [1, 2].map(shown) }] };
  const finding = judgeKeyring(key4, { ...later, copies: [copyAt(60)] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain(
    'is older than every record of the key, and these do not reach back to its first version',
  );
  const beside = judgeKeyring(key4, { ...later, copies: [copyAt(1), copyAt(60)] });
  expect(beside).toMatchObject({ status: 'unknown', because: expect.stringContaining('is older than every record') });
  expect(judgeKeyring(key4, { ...later, copies: [copyAt(1)] }).status).toBe('pass');
  const organizations = [{ createdAt: ago(30.5 * DAY) }];
  const first = { ...later, organizations, records: [{ version: 1, createdAt: ago(30 * DAY) }, current] };
  expect(judgeKeyring(key4, { ...first, copies: [copyAt(60)] }).status).toBe('not-applicable');
  expect(judgeKeyring(key4, { ...first, copies: [copyAt(1), copyAt(60)] }).status).toBe('pass');
});

test('a gap stands beside a copy older than every record', () => {
  const seen = { records: [current], key: [{ latestVersion: 2, minDecryptionVersion: 3, versions: [] }] };
  expect(judgeKeyring(key4, { ...seen, copies: [copyAt(1), copyAt(60)] }).status).toBe('fail');
});

test('a copy that may not count leaves a bad version unknown', () => {
  const copies = [{ ...copyAt(60), databaseOid: 99 }];
  expect(judgeKeyring(key4, { copies, records: [retired, current], key: onlySecond }).status).toBe('unknown');
});

test('a good copy passes; with records or copies missing it does not', () => {
  expect(judgeKeyring(key4).status).toBe('pass');
  expect(judgeInstallKeyring(key4).status).toBe('pass');
  expect(judgeKeyring(key4, { records: 'blind' }).status).toBe('unknown');
  expect(judgeKeyring(key4, { records: [] }).status).toBe('unknown');
});

const row = (version: number | null, changes: Partial<Facts['key-version']> = {}) => ({
  ...DEFAULT_FACTS['key-version'],
  version,
  createdAt: ago(90 * DAY),
  ...changes,
});
const inside = (days: number, ...versions: Facts['key-version'][]) => ({
  ...copyAt(days),
  keyVersionsInside: { versions, because: null },
});
const unread = (days: number) => ({
  ...copyAt(days),
  keyVersionsInside: { versions: null, because: 'its rows are INSERT statements, which are not read' },
});

describe('a copy whose own key-version rows were read', () => {
  test('needs a version that the live database lists no longer', () => {
    const trimmed = [
      { latestVersion: 2, minAvailableVersion: 2, versions: [{ version: 2, createdAt: ago(30 * DAY) }] },
    ];
    const seen = { records: [current], key: trimmed };
    expect(judgeKeyring(key4, { ...seen, copies: [copyAt(60)] }).status).toBe('unknown');
    const finding = judgeKeyring(key4, { ...seen, copies: [inside(60, row(1))] });
    expect(finding.status).toBe('fail');
    expect(finding.grade).toBe('observed');
    expect(finding.because).toContain('lost: version 1 of the key was trimmed');
    expect(finding.because).toContain('needs read inside 1 copy');
  });

  test('needs no version that is not in it, whatever was in use at its moment', () => {
    const seen = { records: [retired, current], key: onlySecond };
    expect(judgeKeyring(key4, { ...seen, copies: [copyAt(10)] }).status).toBe('fail');
    const finding = judgeKeyring(key4, { ...seen, copies: [inside(10, row(2))] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('every version needed (2)');
  });

  test('stands beside others, which go by creation dates and say why', () => {
    const seen = { records: [retired, current], key: onlySecond };
    const finding = judgeKeyring(key4, { ...seen, copies: [inside(10, row(2)), unread(11), copyAt(12)] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(
      'needs read inside 1 copy, by creation dates for 2 copies (such as: its rows are INSERT statements, which are not read)',
    );
    expect(judgeKeyring(key4, { ...seen, copies: [unread(11)] }).because).toContain(
      'needs by creation dates for 1 copy (',
    );
    expect(judgeKeyring(key4, { ...seen, copies: [copyAt(12)] }).because).not.toContain('creation dates');
  });

  test('says why it was not read also where nothing else tells its needs', () => {
    const finding = judgeKeyring(key4, { records: [current], copies: [unread(60)] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('needs by creation dates for 1 copy (its rows are INSERT statements');
  });

  test('tells its needs where the live database could not be asked', () => {
    expect(judgeKeyring(key4, { records: 'blind', copies: [inside(10, row(1))] }).status).toBe('pass');
    expect(judgeKeyring(key4, { records: 'blind', copies: [inside(10, row(1)), unread(11)] }).status).toBe('unknown');
    expect(judgeKeyring(key4, { records: 'blind', copies: 'blind' }).status).toBe('unknown');
  });

  test('may not count, and then a bad version is open', () => {
    const copies = [{ ...inside(60, row(1)), databaseOid: 99 }];
    expect(judgeKeyring(key4, { copies, records: [current], key: onlySecond }).status).toBe('unknown');
  });

  test('needs no version that was destroyed by then, nor a retired one where policy says that it was rewrapped', () => {
    const destroyed = row(1, { state: 'destroyed', retiredAt: ago(80 * DAY) });
    const finding = judgeKeyring(key4, { copies: [inside(60, destroyed)], key: onlySecond });
    expect(finding.status).toBe('not-applicable');
    const gone = row(1, { state: 'retired', retiredAt: ago(70 * DAY) });
    const seen = { copies: [inside(60, gone, row(2))], key: onlySecond };
    expect(judgeKeyring(key4, seen).status).toBe('fail');
    expect(judgeKeyring(key4, { ...seen, policy: policyOf({ retiredMeansRewrapped: true }) }).status).toBe('pass');
  });

  test('needs nothing of a key that none of its rows names', () => {
    const finding = judgeKeyring(key4, { copies: [inside(60, row(1, { keyRef: 'another' }))] });
    expect(finding.status).toBe('not-applicable');
  });
});
