import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KMS_READ_OPERATIONS } from '../../src/collect/keys/kms-client.ts';
import { type MotoServer, motoUnavailable, type RecordedCall, startMoto } from '../services/moto.ts';
import { buildInstall, type Install } from './install.ts';
import type { ConfigurationInput } from './install-configuration.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';
import { recordKeys } from './recorded-keys.ts';

/*
 * What moto cannot show, and no case here claims: PendingImport and expiry of imported material (its external keys are
 * enabled at once), denied rights (its refusals are XML, which no KMS sends), and keys of another
 * account. The unit tests of collect/keys/aws-kms.ts play these from AWS's documentation.
 */

const PROVIDER = 'kms-main';
const ACCESS = { accessKeyId: 'E2E_KMS_ID', secretAccessKey: 'E2E_KMS_SECRET' } as const;
const ENABLED = organizationNamed('alder');
const DISABLED = organizationNamed('briar');
const PENDING = organizationNamed('clover');
const MISSING = organizationNamed('daisy');
const IMPORTED = organizationNamed('elder');
const ALL = [ENABLED, DISABLED, PENDING, MISSING, IMPORTED];
const CONTROLS = [
  'KEY-1',
  'KEY-2',
  'KEY-3',
  'KEY-4',
  'KEY-5',
  'KEY-6',
  'KEY-7',
  'KEY-8',
  'KEY-9',
  'KEY-13',
  'REC-1',
] as const;
/** Snapshots and seals are Vault's alone. */
const GOOD = {
  verdict: 'recoverable',
  ...Object.fromEntries(CONTROLS.map((id) => [id, 'pass'])),
  'KEY-6': 'not-applicable',
  'KEY-7': 'not-applicable',
  'KEY-8': 'not-applicable',
} as const;

/** moto takes ids alone where AWS takes ARNs as well. */
function idOf(arn = ''): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

describe.skipIf(motoUnavailable())('keys in AWS KMS, as moto plays it', () => {
  let moto: MotoServer;
  let seed: KMSClient;
  let install: Install;
  let result: Scanned;
  let calls: readonly RecordedCall[] = [];

  async function key(input: CreateKeyCommandInput = {}): Promise<string> {
    // AWS states the usage of every key; moto only where it was given.
    const { KeyMetadata } = await seed.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT', ...input }));
    if (KeyMetadata?.Arn === undefined) throw new Error('moto made no key');
    return KeyMetadata.Arn;
  }

  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { accessKeyId: 'seed', secretAccessKey: 'seed' };
    seed = new KMSClient({ region: moto.region, endpoint: moto.endpoint, credentials });
    const refs = new Map<InstallOrganization, string>();
    for (const one of ALL) refs.set(one, await key(one === IMPORTED ? { Origin: 'EXTERNAL' } : {}));
    const installKey = await key();
    await seed.send(new DisableKeyCommand({ KeyId: idOf(refs.get(DISABLED)) }));
    await seed.send(new ScheduleKeyDeletionCommand({ KeyId: idOf(refs.get(PENDING)), PendingWindowInDays: 7 }));
    refs.set(MISSING, (refs.get(MISSING) ?? '').replace(/[^/]+$/, randomUUID()));
    install = await buildInstall({ organizations: ALL, secondDumps: true });
    await recordKeys(install, {
      kind: 'aws-kms',
      providers: [PROVIDER],
      install: { keyRef: installKey, provider: PROVIDER },
      of: (one) => ({ keyRef: refs.get(one) ?? '', provider: PROVIDER }),
    });
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: [
          {
            id: PROVIDER,
            kind: 'aws-kms',
            region: moto.region,
            endpoint: moto.endpoint,
            accessKeyId: `env:${ACCESS.accessKeyId}`,
            secretAccessKey: `env:${ACCESS.secretAccessKey}`,
          },
        ],
      }),
    );
    const environment = {
      ...install.environment,
      [ACCESS.accessKeyId]: 'AKIAE2E',
      [ACCESS.secretAccessKey]: 'not-a-secret',
    };
    calls = await moto.recordCalls(async () => {
      result = await scan(configFile, join(install.directories.reports, 'kms'), { environment });
    });
  });
  afterAll(async () => {
    seed?.destroy();
    await install?.[Symbol.asyncDispose]();
    await moto?.[Symbol.asyncDispose]();
  });

  it('enabled: recoverable, as the account and region that the key’s ARN names outlive the host', () => {
    expect(statusesOf(result.report, ENABLED, CONTROLS)).toEqual(GOOD);
  });

  it('disabled: blocked, and how it is undone', () => {
    expect(statusesOf(result.report, DISABLED, CONTROLS)).toEqual({
      ...GOOD,
      verdict: 'at-risk',
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
    });
    expect(becauseOf(result.report, 'KEY-2', DISABLED.slug)).toMatch(/^fail: blocked: .*is disabled; enabling it/);
  });

  it('waiting to be deleted: blocked, and until when it can be undone', () => {
    expect(statusesOf(result.report, PENDING, CONTROLS)).toEqual({
      ...GOOD,
      verdict: 'at-risk',
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
      'KEY-5': 'fail',
    });
    expect(becauseOf(result.report, 'KEY-9', PENDING.slug)).toMatch(
      /^pass: it will be deleted on .*; its key policy lets/,
    );
    expect(becauseOf(result.report, 'KEY-2', PENDING.slug)).toMatch(
      /^fail: blocked: .*will be deleted on \d{4}-\d\d-\d\d \d\d:\d\d UTC; cancelling/,
    );
  });

  it('missing: lost, and the organization with it', () => {
    expect(statusesOf(result.report, MISSING, ['KEY-1', 'KEY-2', 'KEY-3', 'KEY-4', 'REC-1'])).toEqual({
      verdict: 'not-recoverable',
      'KEY-1': 'pass',
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
      'REC-1': 'fail',
    });
    expect(becauseOf(result.report, 'KEY-2', MISSING.slug)).toMatch(/^fail: lost: /);
  });

  it('imported material that nobody attests to keep: usable today, at risk', () => {
    expect(statusesOf(result.report, IMPORTED, CONTROLS)).toEqual({ ...GOOD, verdict: 'at-risk', 'KEY-5': 'fail' });
    expect(becauseOf(result.report, 'KEY-5', IMPORTED.slug)).toMatch(/^fail: .*imported, and nobody attests/);
  });

  it('says who may delete a key: the account, whose own policies decide', () => {
    expect(becauseOf(result.report, 'KEY-9', ENABLED.slug)).toMatch(
      /^pass: its key policy lets account \d{12} delete or disable it.*decided by the IAM policies there, which the audit does not read/,
    );
  });

  it('judges everybody, and ends with the code of a gap', () => {
    expect(result.report.denominator.organizations).toEqual({ total: 5, judged: 5, blind: 0, excluded: 0 });
    expect(result.exitCode).toBe(1);
  });

  it('was sent reading operations only, as its own recorder shows', () => {
    const sent = [...new Set(calls.map(({ service, operation }) => `${service} ${operation}`))].sort();
    expect(sent).toEqual(
      Object.keys(KMS_READ_OPERATIONS)
        .map((name) => `kms ${name}`)
        .sort(),
    );
  });
});
