import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFakeModule, type FakeModule, fakeModuleUnavailable } from '../services/fake-module.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';
import { type SoftHsm, softHsm, softHsmUnavailable } from '../services/softhsm.ts';
import { damaged, wrapByAes } from '../services/wrapped-sample.ts';
import { grantSamples } from './grant-samples.ts';
import { buildInstall, type Install } from './install.ts';
import type { ConfigurationInput } from './install-configuration.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { INSTALL_KEY, type InstallOrganization, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';
import { recordKeys } from './recorded-keys.ts';
import { runCli } from './run-cli.ts';
import { writtenBelow } from './written.ts';

/** What the samples hold: must be in no output, whatever form it takes. */
const CANARY = randomBytes(32);
const FORMS = [
  CANARY.toString('base64'),
  CANARY.toString('base64url'),
  CANARY.toString('hex'),
  CANARY.toString('latin1'),
];
const PINS = { E2E_HSM_PIN: 'CANARY-proof-pin-81', E2E_WRONG_PIN: 'CANARY-proof-wrong-2' };

const RIGHT = organizationNamed('alder');
const OTHER_KEY = organizationNamed('briar');
const DAMAGED = organizationNamed('clover');
const MAY_NOT = organizationNamed('daisy');
const NOT_OFFERED = organizationNamed('elder');
const CRASHING = organizationNamed('fennel');
const REFUSED = organizationNamed('gorse');
const UNTOLD = organizationNamed('heather');
const ON_HSM = [RIGHT, OTHER_KEY, DAMAGED, MAY_NOT, NOT_OFFERED, UNTOLD];
const ALL = [...ON_HSM, CRASHING, REFUSED];
const PROVIDERS = {
  hsm: 'hsm-main',
  notOffered: 'hsm-other-mechanism',
  untold: 'hsm-untold',
  crashing: 'hsm-crashing',
  refused: 'hsm-refused',
} as const;

function providerOf(one: InstallOrganization): string {
  if (one === NOT_OFFERED) return PROVIDERS.notOffered;
  if (one === UNTOLD) return PROVIDERS.untold;
  if (one === CRASHING) return PROVIDERS.crashing;
  return one === REFUSED ? PROVIDERS.refused : PROVIDERS.hsm;
}

describe.skipIf(softHsmUnavailable() ?? fakeModuleUnavailable())(
  'unwrapping proven in an HSM, as SoftHSM plays it',
  () => {
    let scratch: ScratchDirectory;
    let hsm: SoftHsm;
    let fake: FakeModule;
    let install: Install;
    let proven: Scanned;
    let configFile: string;
    let before: Readonly<Record<string, string>>;
    const values = new Map<string, Buffer>(
      [INSTALL_KEY, ...ALL.map(({ keyRef }) => keyRef)].map((ref) => [ref, randomBytes(32)]),
    );
    const wrapped = (keyRef: string) => wrapByAes(values.get(keyRef) ?? Buffer.alloc(32), CANARY);
    const sampleOf = (one: InstallOrganization) => {
      if (one === OTHER_KEY) return wrapped(RIGHT.keyRef);
      return one === DAMAGED ? damaged(wrapped(one.keyRef)) : wrapped(one.keyRef);
    };
    const scanned = (name: string, args: readonly string[]) =>
      scan(configFile, join(install.directories.reports, name), { environment: { ...install.environment, ...PINS } }, [
        '--format',
        'json,html,csv,pdf',
        '--bundle',
        join(install.directories.reports, `${name}.ndjson`),
        ...args,
      ]);

    beforeAll(async () => {
      scratch = scratchDirectory('e2e-hsm-proofs');
      hsm = await softHsm(scratch.path);
      fake = await buildFakeModule(scratch.path);
      await hsm.createToken('keys', PINS.E2E_HSM_PIN);
      await hsm.createToken('refused', 'the-right-pin');
      await hsm.change('keys', PINS.E2E_HSM_PIN, {
        add: [
          { label: INSTALL_KEY, id: 'f0' },
          ...ON_HSM.map(({ keyRef }, index) => ({ label: keyRef, id: `0${index}` })),
        ].map((key) => ({
          ...key,
          value: values.get(key.label)?.toString('hex') ?? '',
          opens: key.label !== MAY_NOT.keyRef,
        })),
      });
      install = await buildInstall({ organizations: ALL, secondDumps: true });
      await mkdir(install.directories.reports);
      await recordKeys(install, {
        kind: 'pkcs11',
        providers: Object.values(PROVIDERS),
        install: { keyRef: INSTALL_KEY, provider: PROVIDERS.hsm, sample: wrapped(INSTALL_KEY) },
        of: (one) => ({ keyRef: one.keyRef, provider: providerOf(one), sample: sampleOf(one) }),
      });
      await grantSamples(install);
      const on = (id: string, label: string, pin: keyof typeof PINS) => ({
        id,
        kind: 'pkcs11' as const,
        module: hsm.module,
        tokenLabel: label,
        pin: `env:${pin}`,
        environment: { ...hsm.environment },
        failureDomain: { host: 'hsm-1' },
      });
      configFile = await install.variant(
        (configuration): ConfigurationInput => ({
          ...configuration,
          providers: [
            { ...on(PROVIDERS.hsm, 'keys', 'E2E_HSM_PIN'), wrapping: 'CKM_AES_KEY_WRAP' },
            { ...on(PROVIDERS.notOffered, 'keys', 'E2E_HSM_PIN'), wrapping: 'CKM_AES_KEY_WRAP_KWP' },
            on(PROVIDERS.untold, 'keys', 'E2E_HSM_PIN'),
            { ...on(PROVIDERS.refused, 'refused', 'E2E_WRONG_PIN'), wrapping: 'CKM_AES_KEY_WRAP' },
            {
              ...on(PROVIDERS.crashing, 'fake', 'E2E_HSM_PIN'),
              module: fake.path,
              environment: fake.environment({ pin: PINS.E2E_HSM_PIN, crash: 'C_UnwrapKey' }),
              wrapping: 'CKM_AES_KEY_WRAP',
            },
          ],
        }),
      );
      before = await hsm.digests();
      proven = await scanned('proven', ['--prove-keys']);
    });
    afterAll(async () => {
      await install?.[Symbol.asyncDispose]();
      scratch?.[Symbol.dispose]();
    });

    const judged = (one: InstallOrganization) => becauseOf(proven.report, 'KEY-11', one.slug);
    const spotsOf = (provider: string) =>
      proven.report.blindSpots.filter(({ source }) => source === `provider ${provider}`);

    it('the right ciphertext unwraps, of an organization and of the install, and the report says what that shows', () => {
      expect(judged(RIGHT)).toMatch(
        /^pass: .*the key: the token unwrapped the sample by CKM_AES_KEY_WRAP into a key of the session.*never left the token; that the product can use it is not shown$/,
      );
      expect(becauseOf(proven.report, 'KEY-11', INSTALL_KEY)).toMatch(/^pass: /);
    });

    it('one of another key, and one that is damaged, are gaps', () => {
      for (const one of [OTHER_KEY, DAMAGED]) {
        expect(judged(one)).toMatch(/^fail: the key: the token does not open the sample by CKM_AES_KEY_WRAP/);
      }
    });

    it('a key that may not unwrap is a gap of its own', () => {
      expect(judged(MAY_NOT)).toMatch(/^fail: the key: the key may neither unwrap nor decrypt/);
    });

    it('a mechanism that is not offered, and one that nobody names, leave it unknown, with what to do', () => {
      expect(judged(NOT_OFFERED)).toMatch(/^unknown: /);
      expect(judged(UNTOLD)).toMatch(/^unknown: /);
      const [notOffered] = spotsOf(PROVIDERS.notOffered);
      expect(notOffered).toMatchObject({ reason: 'unsupported', remedy: expect.stringContaining('--list-mechanisms') });
      const [untold] = spotsOf(PROVIDERS.untold);
      expect(untold).toMatchObject({ reason: 'not-asked', remedy: expect.stringContaining('State wrapping') });
    });

    it('a module that crashes while it unwraps costs one blind spot, and nothing of what is known of the key', () => {
      const spots = spotsOf(PROVIDERS.crashing);
      expect(spots.map(({ detail }) => detail)).toEqual([expect.stringMatching(/unwrapping a sample \(SIGSEGV\)/)]);
      expect(statusesOf(proven.report, CRASHING, ['KEY-1', 'KEY-2', 'KEY-11'])).toMatchObject({
        'KEY-1': 'pass',
        'KEY-2': 'pass',
        'KEY-11': 'unknown',
      });
    });

    it('with a wrong PIN nothing is unwrapped', () => {
      expect(judged(REFUSED)).toMatch(/^unknown: /);
      expect([...new Set(spotsOf(PROVIDERS.refused).map(({ reason }) => reason))]).toEqual(['unauthorized']);
    });

    it('nothing in the HSM changes, and neither what was unwrapped, a sample nor a PIN is in any output', async () => {
      expect(await hsm.digests()).toEqual(before);
      const written = `${await writtenBelow(install.directories.reports)}${proven.stdout}${proven.stderr}`;
      expect(written.length).toBeGreaterThan(10_000);
      for (const form of [...FORMS, ...Object.values(PINS)]) expect(written.includes(form)).toBe(false);
      for (const one of ALL) expect(written.includes(sampleOf(one).toString('hex'))).toBe(false);
    });

    it('without the option no module is asked to unwrap, and the functions for it are not printed', async () => {
      const count = async () => (await fake.calls()).filter((line) => line.startsWith('C_UnwrapKey')).length;
      const made = await count();
      expect(made).toBe(1);
      const { report } = await scanned('not-asked', []);
      expect(becauseOf(report, 'KEY-11', RIGHT.slug)).toMatch(/^not-applicable: it was not asked for/);
      expect(await count()).toBe(made);
      const args = ['permissions', '--config', configFile, '--source', PROVIDERS.hsm];
      expect((await runCli(args, install)).stdout).not.toContain('C_UnwrapKey');
      expect((await runCli([...args, '--prove-keys'], install)).stdout).toMatch(/C_UnwrapKey .*CKA_EXTRACTABLE false/);
    });
  },
);
