import { describe, expect, it } from 'vitest';
import { isFor } from '../../src/evaluate/certificate-entries.ts';
import { rebuildEntries } from '../../src/evaluate/rebuild-entries.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { DAY, HOUR } from '../../src/model/instant.ts';
import type { RebuildEntry } from '../../src/model/report.ts';
import { AS_OF, ago, evidence, HOST, INSTALL, node, policyOf, scopeOf, subject } from './fixture.ts';

const SETS = subject('location', 'sets');
const PATH = '/etc/novantra/license.json';

function entriesOf(...records: readonly AnyEvidence[]): readonly RebuildEntry[] {
  const { install } = scopeOf({ install: { nodes: [INSTALL, HOST, SETS].map(node), evidence: records } });
  return rebuildEntries(install, policyOf(), AS_OF);
}

interface LicenseCase {
  readonly file?: Partial<Facts['license-file']>;
  readonly copies?: readonly Partial<Facts['file-copy']>[] | 'blind';
  readonly setsDomain?: Partial<Facts['failure-domain']> | null;
}

function licenseEntries({ file = {}, copies = [{ digest: 'license-1' }], setsDomain = {} }: LicenseCase = {}) {
  return entriesOf(
    evidence('license-file', INSTALL, [file]),
    copies === 'blind'
      ? evidence('file-copy', INSTALL, [], { blind: true })
      : evidence(
          'file-copy',
          INSTALL,
          copies.map((copy) => ({ sourcePath: PATH, ...copy })),
        ),
    evidence('failure-domain', SETS, setsDomain === null ? [] : [{ host: 'backup-1', ...setsDomain }]),
  );
}

describe('the license file', () => {
  it('is there, valid, and in a backup set with the same contents: nothing is amiss', () => {
    const [valid, kept, ...others] = licenseEntries();
    expect(others).toEqual([]);
    expect(valid).toMatchObject({ remedy: null, validUntil: '2027-01-31T00:00:00.000Z' });
    expect(valid?.sentence).toContain('says that it is valid until 2027-01-31 00:00 UTC, for 69 days more');
    expect(valid?.sentence).toContain('its signature was not checked');
    expect(kept).toMatchObject({ remedy: null, validUntil: null });
    expect(kept?.sentence).toMatch(/^Backup set 2026-11-22 in sets .* holds the license file with the same contents$/);
    expect(kept?.evidence).toHaveLength(2);
  });

  it.each([
    ['is missing', { file: { exists: false } }, 'is not there'],
    [
      'ran out',
      { file: { says: { installId: null, validFrom: null, validUntil: ago(DAY) } } },
      'ran out on 2026-11-21',
    ],
    [
      'is of another install',
      { file: { says: { installId: 'inst_other', validFrom: null, validUntil: ago(-DAY) } } },
      'is of another install, inst_other',
    ],
    ['is in no set', { copies: [] }, 'No backup set holds the license file'],
    ['is in a set that never finished', { copies: [{ digest: 'license-1', complete: false }] }, 'No backup set holds'],
    ['differs from its copy', { copies: [{ digest: 'license-0' }] }, 'holds another license file than the one at'],
    ['is lost with its copy', { setsDomain: { host: 'install-1' } }, 'lies in the failure domain that is lost'],
  ] as const)('is amiss where it %s', (_, seen, text) => {
    const amiss = licenseEntries(seen).filter(({ remedy }) => remedy !== null);
    expect(amiss).toHaveLength(1);
    expect(amiss[0]?.sentence).toContain(text);
  });

  it('does not tell its validity where its format does not, and nothing is amiss with that', () => {
    const [file] = licenseEntries({ file: { says: null } });
    expect(file).toMatchObject({ remedy: null, validUntil: null });
    expect(file?.sentence).toContain('its format does not tell');
  });

  it.each([
    ['a copy could not be compared', { copies: [{ digest: null }] }, 'could not be compared'],
    ['the live one has no digest', { file: { digest: null } }, 'could not be compared'],
    ['it is not known where the set lies', { setsDomain: null }, 'it is not known whether it outlives the loss'],
    ['no backup set could be read', { copies: 'blind' }, 'It is not known whether a backup set holds'],
  ] as const)('is neither said to be kept nor amiss where %s', (_, seen, text) => {
    const [, kept] = licenseEntries(seen);
    expect(kept).toMatchObject({ remedy: null });
    expect(kept?.sentence).toContain(text);
    expect(kept?.sentence).not.toMatch(/with the same contents$/);
  });

  it('is not said to differ where a set could not be read', () => {
    const entries = entriesOf(
      evidence('license-file', INSTALL, [{}]),
      evidence('file-copy', INSTALL, [{ sourcePath: PATH, digest: 'license-0' }]),
      evidence('file-copy', INSTALL, [], { blind: true, source: 'location other' }),
    );
    expect(entries[1]).toMatchObject({ remedy: null, sentence: expect.stringContaining('It is not known') });
  });

  it('is not spoken of where nobody asked for it, or could look', () => {
    expect(entriesOf()).toEqual([]);
    expect(entriesOf(evidence('license-file', INSTALL, [], { blind: true }))).toEqual([]);
  });
});

describe('a certificate', () => {
  const about = (changes: Partial<Facts['certificate']>) => {
    const [entry, ...others] = entriesOf(evidence('certificate', INSTALL, [changes]));
    expect(others).toEqual([]);
    return entry;
  };

  it('that is accepted is told with its end and its issuer', () => {
    expect(about({})).toMatchObject({
      topic: 'certificate',
      remedy: null,
      validUntil: '2027-01-01T00:00:00.000Z',
      sentence:
        'The certificate that novantra.example.com:443 shows is valid until 2027-01-01 00:00 UTC, for 39 days more (issued by CN=Example authority)',
    });
    expect(about({ origin: 'file', path: '/etc/tls/a.pem' })?.sentence).toContain(
      'The certificate of novantra.example.com:443 in /etc/tls/a.pem is valid until',
    );
  });

  it.each([
    ['ran out', { validUntil: ago(DAY), refusedBecause: 'CERT_HAS_EXPIRED' }, 'ran out on 2026-11-21', 'Renew'],
    ['is not yet valid', { validFrom: ago(-DAY) }, 'valid only from', 'clocks'],
    ['is for another name', { names: ['other.example'] }, 'it is for other.example, and not for', 'issued for'],
    ['bears no name', { names: [] }, 'it bears no name, and not for', 'issued for'],
    ['nobody known signed', { refusedBecause: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'nobody whom the audit trusts', 'caFile'],
    ['is refused for else', { refusedBecause: 'INVALID_PURPOSE' }, 'refuses it (INVALID_PURPOSE)', 'chain'],
  ] as const)('that %s is amiss', (_, changes, text, remedy) => {
    const entry = about(changes as Partial<Facts['certificate']>);
    expect(entry?.sentence).toContain(text);
    expect(entry?.remedy).toContain(remedy);
  });

  it('of several answers about one address the newest stands', () => {
    const entries = entriesOf(
      evidence('certificate', INSTALL, [{ validUntil: ago(-90 * DAY) }], { collectedAt: ago(HOUR) }),
      evidence('certificate', INSTALL, [{ validUntil: ago(DAY) }], { collectedAt: ago(2 * HOUR) }),
    );
    expect(entries).toHaveLength(1);
    expect(entries[0]?.validUntil).toBe(ago(-90 * DAY));
  });

  it('that was seen too long ago is not spoken of', () => {
    expect(entriesOf(evidence('certificate', INSTALL, [{}], { collectedAt: ago(3 * DAY) }))).toEqual([]);
  });
});

describe('an address, the product and the host', () => {
  it('are told as they are', () => {
    const entries = entriesOf(
      evidence('install', INSTALL, [{ productVersion: '4.2.1', profile: 'default', packageKind: 'deb' }]),
      evidence('host-system', HOST, [{}]),
      evidence('license', INSTALL, [{ validUntil: ago(-40 * DAY) }]),
      evidence('address', INSTALL, [{}]),
    );
    expect(entries.map(({ topic }) => topic)).toEqual(['product', 'host', 'license', 'address']);
    expect(entries.map(({ sentence }) => sentence)).toEqual([
      'The install runs version 4.2.1, profile default, package deb, and a recovery must use the same',
      'Host install-1 runs ubuntu 24.04 (x64)',
      expect.stringContaining('for 40 days more'),
      'https://novantra.example.com resolves to 192.0.2.7, which a new host must take over or replace',
    ]);
    expect(entries.every(({ remedy }) => remedy === null)).toBe(true);
  });

  it('an address that resolves to nothing is amiss', () => {
    const [entry] = entriesOf(evidence('address', INSTALL, [{ resolvesTo: [] }]));
    expect(entry?.sentence).toContain('leads nowhere');
    expect(entry?.remedy).not.toBeNull();
  });
});

it.each([
  ['novantra.example.com', 'NOVANTRA.example.com', true],
  ['*.example.com', 'novantra.example.com', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', 'a.b.example.com', false],
  ['*', 'com', false],
  ['*.0.0.1', '127.0.0.1', false],
  ['127.0.0.1', '127.0.0.1', true],
  ['2001:DB8:0:0:0:0:0:7', '2001:db8::7', true],
  ['2001:DB8:0:0:0:0:0:8', '2001:db8::7', false],
  ['', 'example.com', false],
])('a certificate for %j is for %s: %s', (name, host, is) => {
  expect(isFor(name, host)).toBe(is);
});
