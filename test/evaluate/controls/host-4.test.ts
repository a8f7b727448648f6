import { describe, expect, it } from 'vitest';
import { host4 } from '../../../src/evaluate/controls/host-4.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { evidence, HOST, INSTALL, judge, LOCATION, node, scopeOf } from '../fixture.ts';

interface Case {
  readonly install?: Partial<Facts['install']> | 'blind';
  readonly packages?: readonly Partial<Facts['installer-package']>[] | 'blind';
  readonly systems?: readonly Partial<Facts['host-system']>[] | 'blind';
  readonly domain?: Partial<Facts['failure-domain']> | null;
}

function judgeWith({ install = {}, packages = [{}], systems = [{}], domain = {} }: Case = {}) {
  const blind = { blind: true } as const;
  return judge(
    host4,
    node(HOST),
    scopeOf({
      install: {
        evidence: [
          install === 'blind' ? evidence('install', INSTALL, [], blind) : evidence('install', INSTALL, [install]),
          packages === 'blind'
            ? evidence('installer-package', HOST, [], blind)
            : evidence('installer-package', HOST, packages),
          systems === 'blind' ? evidence('host-system', HOST, [], blind) : evidence('host-system', HOST, systems),
          evidence('failure-domain', LOCATION, domain === null ? [] : [domain], { grade: 'declared' }),
        ],
      },
    }),
  );
}

describe('HOST-4', () => {
  it('passes with the package of version and profile elsewhere, and says what the new host must be', () => {
    const finding = judgeWith();
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('novantra-onprem_4.2.1_amd64.deb in dumps is the package of version 4.2.1');
    expect(finding.because).toContain('as its checksum says');
    expect(finding.because).toContain('a new host must be of the family ubuntu 24.04 (x64)');
  });

  it('passes whatever is not known of the operating system', () => {
    expect(judgeWith({ systems: 'blind' }).status).toBe('pass');
  });

  it.each([
    ['none is kept', { packages: [] }, 'no package of version 4.2.1'],
    ['only another version is', { packages: [{ version: '4.2.0' }] }, 'no package of version 4.2.1'],
    [
      'only another profile is',
      { packages: [{ profile: 'no-training' }] },
      'it is not the package of version 4.2.1, profile standard',
    ],
    [
      'only another kind is',
      { install: { packageKind: 'msi' } },
      'it is not the package of version 4.2.1, profile standard, msi',
    ],
    ['it is empty', { packages: [{ bytes: 0 }] }, 'it is empty'],
    ['its checksum differs', { packages: [{ checksumAgrees: false }] }, 'does not have the checksum'],
    ['it is something else', { packages: [{ formatAgrees: false }] }, 'does not begin as a deb package does'],
    ['it lies on the lost host', { domain: { host: 'install-1' } }, 'lies in the failure domain that is lost'],
  ] satisfies [string, Case, string][])('fails where %s', (_, seen, because) => {
    const finding = judgeWith(seen);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(because);
  });

  it.each([
    ['nobody looked for packages', { packages: 'blind' }],
    ['the profile is not known', { install: { profile: null } }],
    ['its place is not known', { domain: null }],
    ['it was not read', { packages: [{ sha256: null, formatAgrees: null, checksumAgrees: null }] }],
    ['the version is not known', { install: 'blind' }],
  ] satisfies [string, Case][])('is unknown where %s', (_, seen) => {
    expect(judgeWith(seen).status).toBe('unknown');
  });

  it('passes with one good package beside others', () => {
    expect(judgeWith({ packages: [{ bytes: 0 }, {}] }).status).toBe('pass');
  });

  it('does not apply in the cloud', () => {
    expect(judgeWith({ install: { mode: 'cloud' } }).status).toBe('not-applicable');
  });
});
