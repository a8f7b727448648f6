import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFakeModule, fakeModuleUnavailable } from '../services/fake-module.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';
import { type SoftHsm, softHsm, softHsmUnavailable } from '../services/softhsm.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { INSTALL_KEY, organizationNamed } from './organizations.ts';
import { type ReportDocument, type Scanned, scan } from './read-report.ts';
import { recordKeys } from './recorded-keys.ts';
import { runCli } from './run-cli.ts';
import { differencesFrom } from './status-differences.ts';
import { writtenBelow } from './written.ts';

/** Planted: they must turn up nowhere. */
const PINS = {
  E2E_HSM_PIN: 'CANARY-hsm-pin-5113',
  E2E_PEER_PIN: 'CANARY-peer-pin-90',
  E2E_WRONG_PIN: 'CANARY-wrong-7',
};
const WELL = organizationNamed('alder');
const REMOVED = organizationNamed('briar');
const EXPIRED = organizationNamed('clover');
const NOT_ON_PEER = organizationNamed('daisy');
const REFUSED = organizationNamed('elder');
const CRASHING = organizationNamed('fennel');
/** Its provider's token is in no slot. */
const ABSENT = organizationNamed('heather');
/** Its reference names the key of NOT_ON_PEER by another name. */
const SHARING = organizationNamed('gorse', { keyRef: 'id:03' });
const ON_HSM = [WELL, REMOVED, EXPIRED, NOT_ON_PEER];
const ALL = [...ON_HSM, REFUSED, CRASHING, SHARING, ABSENT];
const PROVIDERS = { hsm: 'hsm-main', refused: 'hsm-refused', crashing: 'hsm-crashing', absent: 'hsm-absent' } as const;
const CONTROLS = ['KEY-1', 'KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'KEY-6', 'KEY-7', 'KEY-8', 'KEY-13', 'REC-1'] as const;
const GOOD = {
  // Another key may have been made under its label: nothing was unwrapped to show that it is still the same.
  verdict: 'at-risk',
  ...Object.fromEntries(CONTROLS.map((id) => [id, 'pass'])),
  'KEY-6': 'not-applicable',
  'KEY-7': 'not-applicable',
  'KEY-8': 'not-applicable',
  'KEY-13': 'unknown',
} as const;

function providerOf(slug: string): string {
  if (slug === REFUSED.slug) return PROVIDERS.refused;
  if (slug === ABSENT.slug) return PROVIDERS.absent;
  return slug === CRASHING.slug ? PROVIDERS.crashing : PROVIDERS.hsm;
}

function keyOf(index: number): string {
  return `${index}0112233445566778899aabbccddeeff`.slice(0, 32).padEnd(64, '5');
}

describe.skipIf(softHsmUnavailable() ?? fakeModuleUnavailable())('keys in an HSM, as SoftHSM plays it', () => {
  let scratch: ScratchDirectory;
  let hsm: SoftHsm;
  let install: Install;
  let healthy: Scanned;
  let broken: Scanned;
  let inHost: Scanned;
  let before: Readonly<Record<string, string>>;
  let after: Readonly<Record<string, string>>;
  let environment: Readonly<Record<string, string>>;
  let configFile: string;

  const token = (label: string, pin: string) => ({
    module: hsm.module,
    tokenLabel: label,
    pin: `env:${pin}`,
    environment: { ...hsm.environment },
  });

  beforeAll(async () => {
    scratch = scratchDirectory('e2e-hsm');
    hsm = await softHsm(scratch.path);
    const fake = await buildFakeModule(scratch.path);
    for (const [label, pin] of [
      ['keys', PINS.E2E_HSM_PIN],
      ['keys-2', PINS.E2E_PEER_PIN],
      ['refused', 'the-right-pin'],
    ] as const) {
      await hsm.createToken(label, pin);
    }
    const keys = [
      { label: INSTALL_KEY, id: 'f0' },
      ...ON_HSM.map((one, index) => ({ label: one.keyRef, id: `0${index}` })),
    ];
    const add = keys.map((key, index) => ({ ...key, value: keyOf(index) }));
    await hsm.change('keys', PINS.E2E_HSM_PIN, { add });
    await hsm.change('keys-2', PINS.E2E_PEER_PIN, { add });

    install = await buildInstall({ organizations: ALL, secondDumps: true });
    await recordKeys(install, {
      kind: 'pkcs11',
      providers: Object.values(PROVIDERS),
      install: { keyRef: INSTALL_KEY, provider: PROVIDERS.hsm },
      of: ({ keyRef, slug }) => ({ keyRef, provider: providerOf(slug) }),
    });
    const providersWith = (domain: { readonly host: string }): NonNullable<ConfigurationInput['providers']> => [
      {
        id: PROVIDERS.hsm,
        kind: 'pkcs11',
        ...token('keys', 'E2E_HSM_PIN'),
        failureDomain: domain,
        peer: { ...token('keys-2', 'E2E_PEER_PIN'), failureDomain: { host: 'hsm-2' } },
      },
      {
        id: PROVIDERS.refused,
        kind: 'pkcs11',
        ...token('refused', 'E2E_WRONG_PIN'),
        failureDomain: { host: 'hsm-1' },
      },
      {
        id: PROVIDERS.absent,
        kind: 'pkcs11',
        ...token('nowhere', 'E2E_HSM_PIN'),
        failureDomain: { host: 'hsm-1' },
      },
      {
        id: PROVIDERS.crashing,
        kind: 'pkcs11',
        module: fake.path,
        tokenLabel: 'fake',
        pin: 'env:E2E_HSM_PIN',
        environment: fake.environment({ pin: PINS.E2E_HSM_PIN, crash: CRASHING.keyRef }),
        failureDomain: { host: 'hsm-1' },
      },
    ];
    configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: providersWith({ host: 'hsm-1' }),
      }),
    );
    const inHostFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: providersWith({ host: NAMES.installHost }),
      }),
    );
    environment = { ...install.environment, ...PINS };
    before = await hsm.digests();
    healthy = await scan(configFile, join(install.directories.reports, 'healthy'), { environment });
    after = await hsm.digests();

    await hsm.change('keys', PINS.E2E_HSM_PIN, {
      remove: [REMOVED.keyRef, EXPIRED.keyRef],
      add: [{ label: EXPIRED.keyRef, id: '02', value: keyOf(3), endDate: '20240229' }],
    });
    await hsm.change('keys-2', PINS.E2E_PEER_PIN, { remove: [REMOVED.keyRef, NOT_ON_PEER.keyRef] });
    broken = await scan(configFile, join(install.directories.reports, 'broken'), { environment });
    inHost = await scan(inHostFile, join(install.directories.reports, 'in-host'), { environment });
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    scratch?.[Symbol.dispose]();
  });

  it.each(ON_HSM.map((one) => [one.slug, one] as const))('healthy: %s would come back', (_, organization) => {
    expect(statusesOf(healthy.report, organization, CONTROLS)).toEqual(GOOD);
  });

  it('healthy: a key that the peer shows the same check value of is verified', () => {
    expect(becauseOf(healthy.report, 'KEY-5', WELL.slug)).toMatch(
      /^pass: PKCS#11 token "keys-2" holds it, too: .*check value/,
    );
    expect(findingOf(healthy.report, 'KEY-5', WELL.slug)?.grade).toBe('verified');
  });

  it('gives each its finding, and nothing else to anybody, in whatever is judged', () => {
    const unusable = { 'KEY-2': 'fail', 'KEY-3': 'fail', 'KEY-4': 'fail' };
    const lost = { verdict: 'not-recoverable', 'REC-1': 'fail', 'REC-2': 'fail', 'REC-3': 'fail' };
    const missedByPeer = { 'KEY-5': 'fail' };
    expect(differencesFrom(healthy.report, broken.report, ALL)).toEqual({
      [REMOVED.slug]: { ...unusable, ...lost, 'KEY-5': 'fail' },
      [EXPIRED.slug]: unusable,
      [NOT_ON_PEER.slug]: missedByPeer,
      [SHARING.slug]: missedByPeer,
    });
  });

  it('a wrong PIN is a blind spot of its own organization', () => {
    for (const { report } of [healthy, broken]) {
      expect(statusesOf(report, REFUSED, ['KEY-1', 'KEY-2', 'KEY-5', 'REC-1', 'DB-2'])).toEqual({
        verdict: 'unknown',
        'KEY-1': 'unknown',
        'KEY-2': 'unknown',
        'KEY-5': 'fail',
        'REC-1': 'unknown',
        'DB-2': 'pass',
      });
      const spots = report.blindSpots.filter((one) => one.source === `provider ${PROVIDERS.refused}`);
      expect([...new Set(spots.map(({ reason }) => reason))]).toEqual(['unauthorized']);
    }
  });

  it('a token that is not there is a blind spot of its own organization', () => {
    for (const { report } of [healthy, broken]) {
      expect(statusesOf(report, ABSENT, ['KEY-1', 'KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'REC-1', 'DB-2'])).toEqual({
        verdict: 'unknown',
        'KEY-1': 'unknown',
        'KEY-2': 'unknown',
        'KEY-3': 'unknown',
        'KEY-4': 'unknown',
        'KEY-5': 'fail',
        'REC-1': 'unknown',
        'DB-2': 'pass',
      });
      const spots = report.blindSpots.filter((one) => one.source === `provider ${PROVIDERS.absent}`);
      expect([...new Set(spots.map(({ reason }) => reason))]).toEqual(['unreachable']);
      expect(spots.map(({ detail }) => detail).join()).toContain('PKCS#11 token "nowhere": no such token');
    }
  });

  it('keys without versions are judged as a whole, whatever version their records count', () => {
    expect(becauseOf(healthy.report, 'KEY-3', WELL.slug)).toBe(
      'pass: the versions in use are recorded; the provider can use the key; the keyring states no version',
    );
    expect(becauseOf(healthy.report, 'KEY-4', WELL.slug)).toContain('the provider can use the key');
    // A key that is gone takes every recorded version with it: none of them is named.
    expect(becauseOf(broken.report, 'KEY-3', REMOVED.slug)).toMatch(/^fail: lost: the key does not exist/);
  });

  it('a module that crashes on a key is a blind spot of that key, while its provider answers', () => {
    expect(statusesOf(broken.report, CRASHING, ['KEY-1', 'KEY-2', 'REC-1', 'DB-2'])).toEqual({
      verdict: 'unknown',
      'KEY-1': 'pass',
      'KEY-2': 'unknown',
      'REC-1': 'unknown',
      'DB-2': 'pass',
    });
    const spots = broken.report.blindSpots.filter((one) => one.source === `provider ${PROVIDERS.crashing}`);
    expect(spots.map(({ detail }) => detail).join()).toContain('SIGSEGV');
  });

  it('a key that is gone is lost, and its organization with it', () => {
    expect(statusesOf(broken.report, REMOVED, CONTROLS)).toEqual({
      ...GOOD,
      verdict: 'not-recoverable',
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
      'KEY-5': 'fail',
      'REC-1': 'fail',
    });
    expect(becauseOf(broken.report, 'KEY-2', REMOVED.slug)).toBe('fail: lost: the key does not exist in the provider');
  });

  it('a key past its end date is blocked, and how it is undone', () => {
    expect(statusesOf(broken.report, EXPIRED, CONTROLS)).toEqual({
      ...GOOD,
      verdict: 'at-risk',
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
    });
    expect(becauseOf(broken.report, 'KEY-2', EXPIRED.slug)).toMatch(
      /^fail: blocked: .*expired on 2024-03-01.*end date/,
    );
  });

  it('a key that its peer lacks is a gap of that key alone', () => {
    expect(statusesOf(broken.report, NOT_ON_PEER, CONTROLS)).toEqual({ ...GOOD, verdict: 'at-risk', 'KEY-5': 'fail' });
    expect(becauseOf(broken.report, 'KEY-5', NOT_ON_PEER.slug)).toMatch(
      /it has no key of that name, and nobody attests/,
    );
    expect(becauseOf(broken.report, 'KEY-5', PROVIDERS.hsm)).toMatch(/^pass: /);
  });

  it('what is missing of others is no business of an organization whose key is well', () => {
    expect(statusesOf(broken.report, WELL, CONTROLS)).toEqual(GOOD);
  });

  it('an HSM that is lost with the host is stood in for by its peer, for the keys that this holds', () => {
    expect(statusesOf(inHost.report, WELL, CONTROLS)).toEqual(GOOD);
    expect(becauseOf(inHost.report, 'REC-1', WELL.id)).toMatch(/^pass: .*"keys-2", holds the key: .*check value/);
    expect(statusesOf(inHost.report, NOT_ON_PEER, CONTROLS)).toEqual({
      ...GOOD,
      verdict: 'not-recoverable',
      'KEY-5': 'fail',
      'REC-1': 'fail',
    });
  });

  it('two names of one key are one key', () => {
    for (const one of [NOT_ON_PEER, SHARING]) {
      expect(statusesOf(healthy.report, one, ['KEY-2', 'KEY-10'])).toMatchObject({ 'KEY-2': 'pass', 'KEY-10': 'fail' });
    }
    expect(statusesOf(healthy.report, WELL, ['KEY-10'])).not.toMatchObject({ 'KEY-10': 'fail' });
  });

  it('judges everybody, and ends with the code of a gap', () => {
    for (const { report, exitCode } of [healthy, broken]) {
      expect(report.denominator.organizations).toEqual({ total: 8, judged: 8, blind: 0, excluded: 0 });
      expect(exitCode).toBe(1);
    }
  });

  it('changes nothing in the HSM, and no PIN is in anything that is written', async () => {
    expect(after).toEqual(before);
    const written = await writtenBelow(install.directories.reports);
    expect(written.length).toBeGreaterThan(10_000);
    for (const pin of Object.values(PINS)) expect(written.includes(pin)).toBe(false);
  });

  it('doctor asks token and peer, and names the PIN that is refused', async () => {
    const { stdout, stderr } = await runCli(['doctor', '--config', configFile], { environment });
    const said = `${stdout}${stderr}`;
    expect(said).toContain('PKCS#11 token "keys" answers, version 2.6');
    expect(said).toContain('its peer, PKCS#11 token "keys-2", answers');
    expect(said).toMatch(/hsm-refused: .*CKR_PIN_INCORRECT/);
    for (const pin of Object.values(PINS)) expect(said).not.toContain(pin);
  });
});

function findingOf(report: ReportDocument, controlId: string, subjectKey: string) {
  return report.findings.find((one) => one.controlId === controlId && one.subject.key === subjectKey);
}
