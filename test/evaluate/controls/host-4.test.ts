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

const CONTROL = { package: 'novantra-onprem', version: '4.2.1-1', architecture: 'amd64' };
const BARE = { checksumAgrees: null };
const NO_TRAINING = 'novantra-onprem-no-training_4.2.1_amd64.deb';

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

  it('passes whatever is not known of the operating system, where the package suits every architecture', () => {
    expect(judgeWith({ systems: 'blind', packages: [{ control: { ...CONTROL, architecture: 'all' } }] }).status).toBe(
      'pass',
    );
  });

  it('passes without a checksum by what the control file says, and says that there is none', () => {
    const finding = judgeWith({ packages: [{ ...BARE, control: CONTROL }] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('by its control file novantra-onprem 4.2.1-1 amd64; no checksum lies beside it');
    const other = judgeWith({ packages: [{ ...BARE, control: CONTROL, checksumOfOther: 'other.deb' }] });
    expect(other.because).toContain('the checksum that bears its name is of other.deb');
  });

  it.each(['1:4.2.1', '4.2.1-2ubuntu1', '4.2.1+build5', '4.2.1~ubuntu24.04'])('takes %s for 4.2.1', (version) => {
    expect(judgeWith({ packages: [{ ...BARE, control: { ...CONTROL, version } }] }).status).toBe('pass');
  });

  it('takes the package of the profile no-training for that', () => {
    const packages = [{ ...BARE, profile: 'no-training', path: NO_TRAINING, control: CONTROL }];
    expect(judgeWith({ install: { profile: 'no-training' }, packages }).status).toBe('pass');
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
    ['it is cut off', { packages: [{ damage: 'it is cut off' }] }, 'it is no whole deb package: it is cut off'],
    ['it is of another build', { packages: [{ path: 'novantra-onprem-fips_4.2.1_amd64.deb' }] }, 'another build: fips'],
    [
      'it is of another build inside',
      { packages: [{ control: { ...CONTROL, package: 'novantra-onprem-no-training' } }] },
      'another build: training',
    ],
    ['it is of another architecture', { packages: [{ path: 'novantra-onprem_4.2.1_arm64.deb' }] }, 'the host is x64'],
    [
      'it is of another architecture inside',
      { packages: [{ control: { ...CONTROL, architecture: 'arm64' } }] },
      'it is of the architecture arm64, and the host is x64',
    ],
    [
      'it is of another version inside',
      { packages: [{ control: { ...CONTROL, version: '4.2.10' } }] },
      'its control file names version 4.2.10',
    ],
    ['it lies on the lost host', { domain: { host: 'install-1' } }, 'lies in the failure domain that is lost'],
  ] satisfies [string, Case, string][])('fails where %s', (_, seen, because) => {
    const finding = judgeWith(seen);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(because);
  });

  it.each([
    ['nobody looked for packages', { packages: 'blind' }],
    ['the profile is not known', { install: { profile: null } }],
    [
      'the profile is not known, of another build either',
      { install: { profile: null }, packages: [{ path: 'novantra-onprem-fips_4.2.1_amd64.deb' }] },
    ],
    ['its place is not known', { domain: null }],
    ['it was not read', { packages: [{ sha256: null, formatAgrees: null, checksumAgrees: null }] }],
    ['the version is not known', { install: 'blind' }],
    ['its architecture cannot be held against the host', { systems: 'blind' }],
    ['its name may be that of another product', { packages: [{ path: 'novantra-agent_4.2.1_amd64.deb' }] }],
    ['its control file may be of another product', { packages: [{ control: { ...CONTROL, package: 'agent' } }] }],
    ['only its name and first bytes were looked at', { packages: [BARE] }],
    ['its control file could not be opened', { packages: [{ ...BARE, control: null }] }],
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
