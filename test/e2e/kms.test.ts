import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { STS_READ_OPERATIONS } from '../../src/collect/keys/kms-caller.ts';
import { KMS_READ_OPERATIONS } from '../../src/collect/keys/kms-operations.ts';
import { SECOND } from '../../src/model/instant.ts';
import { type SeenRequest, scriptedServer } from '../collect/conformance/scripted-server.ts';
import { type MotoServer, motoUnavailable, type RecordedCall, startMoto } from '../services/moto.ts';
import { freePort } from '../services/scratch.ts';
import { buildInstall, type Install } from './install.ts';
import type { ConfigurationInput } from './install-configuration.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';
import { recordKeys } from './recorded-keys.ts';
import { type CliResult, runCli } from './run-cli.ts';
import { differencesBeside } from './status-differences.ts';
import { writtenBelow } from './written.ts';

/*
 * What moto cannot show, a proxy before it adds from AWS's documentation: PendingImport (its external keys are enabled at
 * once), since when an alias points to its key, and denied rights (its refusals are XML, which no KMS sends). No case here
 * claims expiry of imported material or keys of another account, which the unit tests of collect/keys/aws-kms.ts play.
 */

const PROVIDER = 'kms-main';
const ACCESS = {
  accessKeyId: 'E2E_KMS_ID',
  secretAccessKey: 'E2E_KMS_SECRET',
  sessionToken: 'E2E_KMS_SESSION',
} as const;
/** What must be seen nowhere. */
const CANARIES = {
  accessKeyId: 'AKIAPLANTED7H3QX',
  secretAccessKey: 'PLANTED-secret-key-2mVd',
  sessionToken: 'PLANTED-session-token-8rTc',
} as const;
const ENABLED = organizationNamed('alder');
const DISABLED = organizationNamed('briar');
const PENDING = organizationNamed('clover');
const MISSING = organizationNamed('daisy');
const IMPORTED = organizationNamed('elder');
const ALIASED = organizationNamed('fennel');
const EMPTIED = organizationNamed('ginkgo');
const DENIED = organizationNamed('hazel');
const AWAY = organizationNamed('iris');
const ALL = [ENABLED, DISABLED, PENDING, MISSING, IMPORTED, ALIASED, EMPTIED, DENIED, AWAY];
/** A provider of its own, where nobody listens. */
const AWAY_PROVIDER = 'kms-away';
const ALIAS = 'alias/fennel';
/** Everything here is made within seconds, on one machine. */
const TOLERANCE_MINUTES = 0.02;
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

/** Stands before moto, and adds what AWS tells and moto leaves out. */
interface TellingProxy extends AsyncDisposable {
  readonly address: string;
  /** Since when aliases point to their key, in milliseconds of Unix time. */
  aliasesSetAt: number;
  /** Ids of keys whose imported material was deleted. */
  readonly emptied: Set<string>;
  /** Ids of keys that the caller may not ask about. */
  readonly denied: Set<string>;
}

const aliasesSchema = z.looseObject({ Aliases: z.array(z.looseObject({})) });
const describedSchema = z.looseObject({ KeyMetadata: z.looseObject({}) });

async function startTellingProxy(endpoint: string): Promise<TellingProxy> {
  async function forward(request: SeenRequest, response: ServerResponse): Promise<void> {
    const target = `${request.headers['x-amz-target']}`;
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const about = idOf(String(JSON.parse(request.body).KeyId ?? ''));
    if (proxy.denied.has(about)) {
      const refusal = { __type: 'AccessDeniedException', Message: 'User is not authorized to perform this' };
      return void response.writeHead(400, { 'content-type': type }).end(JSON.stringify(refusal));
    }
    const headers = { 'x-amz-target': target, 'content-type': type, authorization };
    const answer = await fetch(endpoint, { method: 'POST', headers, body: request.body });
    const text = await answer.text();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    if (target.endsWith('.DescribeKey') && proxy.emptied.has(about)) {
      const { KeyMetadata } = describedSchema.parse(JSON.parse(text));
      return void response.end(
        JSON.stringify({ KeyMetadata: { ...KeyMetadata, KeyState: 'PendingImport', Enabled: false } }),
      );
    }
    if (!target.endsWith('.ListAliases')) return void response.end(text);
    const { Aliases, ...rest } = aliasesSchema.parse(JSON.parse(text));
    const LastUpdatedDate = proxy.aliasesSetAt / SECOND;
    response.end(JSON.stringify({ ...rest, Aliases: Aliases.map((alias) => ({ ...alias, LastUpdatedDate })) }));
  }
  const server = await scriptedServer((request, response) => {
    // The SDK asks again, and ends the test where nothing answers.
    forward(request, response).catch(() => response.destroy());
  });
  const proxy: TellingProxy = {
    address: server.address,
    aliasesSetAt: Date.now(),
    emptied: new Set(),
    denied: new Set(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return proxy;
}

describe.skipIf(motoUnavailable())('keys in AWS KMS, as moto plays it', () => {
  let moto: MotoServer;
  let telling: TellingProxy;
  let seed: KMSClient;
  let install: Install;
  let result: Scanned;
  let configFile = '';
  let environment: Readonly<Record<string, string>>;
  /** As old as every other key, and behind no alias at first. */
  let otherKey = '';
  let calls: readonly RecordedCall[] = [];

  async function key(input: CreateKeyCommandInput = {}): Promise<string> {
    // AWS states the usage of every key; moto only where it was given.
    const { KeyMetadata } = await seed.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT', ...input }));
    if (KeyMetadata?.Arn === undefined) throw new Error('moto made no key');
    return KeyMetadata.Arn;
  }

  beforeAll(async () => {
    moto = await startMoto();
    telling = await startTellingProxy(moto.endpoint);
    const credentials = { accessKeyId: 'seed', secretAccessKey: 'seed' };
    seed = new KMSClient({ region: moto.region, endpoint: moto.endpoint, credentials });
    const refs = new Map<InstallOrganization, string>();
    const imported = [IMPORTED, EMPTIED];
    for (const one of ALL) refs.set(one, await key(imported.includes(one) ? { Origin: 'EXTERNAL' } : {}));
    telling.emptied.add(idOf(refs.get(EMPTIED)));
    telling.denied.add(idOf(refs.get(DENIED)));
    const installKey = await key();
    await seed.send(new DisableKeyCommand({ KeyId: idOf(refs.get(DISABLED)) }));
    await seed.send(new ScheduleKeyDeletionCommand({ KeyId: idOf(refs.get(PENDING)), PendingWindowInDays: 7 }));
    await seed.send(new CreateAliasCommand({ AliasName: ALIAS, TargetKeyId: idOf(refs.get(ALIASED)) }));
    refs.set(ALIASED, ALIAS);
    otherKey = await key();
    refs.set(MISSING, (refs.get(MISSING) ?? '').replace(/[^/]+$/, randomUUID()));
    install = await buildInstall({ organizations: ALL, secondDumps: true });
    await recordKeys(install, {
      kind: 'aws-kms',
      providers: [PROVIDER, AWAY_PROVIDER],
      install: { keyRef: installKey, provider: PROVIDER },
      of: (one) => ({ keyRef: refs.get(one) ?? '', provider: one === AWAY ? AWAY_PROVIDER : PROVIDER }),
    });
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const common = {
      kind: 'aws-kms' as const,
      region: moto.region,
      accessKeyId: `env:${ACCESS.accessKeyId}`,
      secretAccessKey: `env:${ACCESS.secretAccessKey}`,
      sessionToken: `env:${ACCESS.sessionToken}`,
    };
    configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        policy: { ...configuration.policy, limits: { clockToleranceMinutes: TOLERANCE_MINUTES } },
        providers: [
          { ...common, id: PROVIDER, endpoint: telling.address, stsEndpoint: moto.endpoint },
          { ...common, id: AWAY_PROVIDER, endpoint: nowhere, stsEndpoint: nowhere },
        ],
      }),
    );
    environment = {
      ...install.environment,
      [ACCESS.accessKeyId]: CANARIES.accessKeyId,
      [ACCESS.secretAccessKey]: CANARIES.secretAccessKey,
      [ACCESS.sessionToken]: CANARIES.sessionToken,
      // Packages that look at it would print what they do.
      DEBUG: '*',
    };
    calls = await moto.recordCalls(async () => {
      result = await scan(configFile, join(install.directories.reports, 'kms'), { environment });
    });
  });
  afterAll(async () => {
    seed?.destroy();
    await install?.[Symbol.asyncDispose]();
    await telling?.[Symbol.asyncDispose]();
    await moto?.[Symbol.asyncDispose]();
  });

  it('enabled: recoverable, as the account and region that the key’s ARN names outlive the host', () => {
    expect(statusesOf(result.report, ENABLED, CONTROLS)).toEqual(GOOD);
  });

  it('gives each its finding, and nothing else to anybody, in whatever is judged', () => {
    const unusable = { 'KEY-2': 'fail', 'KEY-3': 'fail', 'KEY-4': 'fail' };
    const lost = { verdict: 'not-recoverable', 'REC-1': 'fail', 'REC-2': 'fail', 'REC-3': 'fail' };
    const unknown = (...controls: readonly string[]) =>
      Object.fromEntries(controls.map((control) => [control, 'unknown']));
    const unseen = unknown('KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'KEY-9', 'KEY-10', 'KEY-13', 'REC-1', 'REC-2', 'REC-3');
    const ofProvider = unknown('KEY-1', 'REC-5', 'RUN-1');
    // The tolerance of clocks is that of seconds here, which a busy machine exceeds.
    expect(differencesBeside(ENABLED, result.report, ALL, ['RUN-2'])).toEqual({
      [DISABLED.slug]: { ...unusable, verdict: 'at-risk' },
      [PENDING.slug]: { ...unusable, verdict: 'at-risk', 'KEY-5': 'fail' },
      [MISSING.slug]: { ...unusable, ...lost, 'KEY-5': 'fail', 'KEY-9': 'not-applicable', 'KEY-13': 'unknown' },
      [IMPORTED.slug]: { verdict: 'at-risk', 'KEY-5': 'fail' },
      [EMPTIED.slug]: { ...unusable, ...lost, 'KEY-5': 'fail' },
      [DENIED.slug]: { ...unseen, verdict: 'unknown' },
      [AWAY.slug]: { ...unseen, verdict: 'unknown', ...ofProvider },
    });
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

  it('imported material that was deleted: no version of the key decrypts', () => {
    const statuses = statusesOf(result.report, EMPTIED, CONTROLS);
    expect(statuses).toMatchObject({
      'KEY-1': 'pass',
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
      'KEY-5': 'fail',
    });
    expect(becauseOf(result.report, 'KEY-3', EMPTIED.slug)).toBe(
      'fail: lost: the key has no key material, and nobody attests that the same material is kept',
    );
  });

  it('a key that the caller may not ask about: unknown, and which action to allow', () => {
    expect(statusesOf(result.report, DENIED, CONTROLS)).toEqual({
      ...GOOD,
      verdict: 'unknown',
      ...Object.fromEntries(
        ['KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'KEY-9', 'KEY-13', 'REC-1'].map((id) => [id, 'unknown']),
      ),
    });
    const spots = result.report.blindSpots.filter(({ reason }) => reason === 'unauthorized');
    expect(spots.map(({ remedy }) => remedy).join('\n')).toContain('Allow kms:DescribeKey on the key');
  });

  it('a provider that cannot be reached: unknown, for those alone whose keys it holds', () => {
    expect(statusesOf(result.report, AWAY, CONTROLS)).toEqual({
      ...GOOD,
      verdict: 'unknown',
      ...Object.fromEntries(
        CONTROLS.filter((id) => !['KEY-6', 'KEY-7', 'KEY-8'].includes(id)).map((id) => [id, 'unknown']),
      ),
    });
    const away = result.report.blindSpots.filter(({ source }) => source === `provider ${AWAY_PROVIDER}`);
    expect(new Set(away.map(({ reason }) => reason))).toEqual(new Set(['unreachable']));
  });

  it('recorded by an alias that was not moved since: recoverable', () => {
    expect(statusesOf(result.report, ALIASED, CONTROLS)).toEqual(GOOD);
  });

  it('an alias that was pointed to another key, as old as the record: nobody can tell', async () => {
    telling.aliasesSetAt = Date.now();
    await seed.send(new UpdateAliasCommand({ AliasName: ALIAS, TargetKeyId: idOf(otherKey) }));
    const moved = await scan(configFile, join(install.directories.reports, 'moved'), { environment });
    expect(statusesOf(moved.report, ALIASED, CONTROLS)).toEqual({
      ...GOOD,
      verdict: 'unknown',
      'KEY-13': 'unknown',
      'REC-1': 'unknown',
    });
    expect(becauseOf(moved.report, 'KEY-13', ALIASED.slug)).toMatch(
      /^unknown: the alias was made or pointed anew .*: it may have pointed to another key then/,
    );
    expect(statusesOf(moved.report, ENABLED, CONTROLS)).toEqual(GOOD);
  });

  it('says who may delete a key: the account, whose own policies decide', () => {
    expect(becauseOf(result.report, 'KEY-9', ENABLED.slug)).toMatch(
      /^pass: its key policy lets account \d{12} delete or disable it.*decided by the IAM policies there, which the audit does not read/,
    );
  });

  it('judges everybody, and ends with the code of a gap', () => {
    expect(result.report.denominator.organizations).toEqual({ total: 9, judged: 9, blind: 0, excluded: 0 });
    expect(result.exitCode).toBe(1);
  });

  it('shows its credentials nowhere', async () => {
    const written = await writtenBelow(join(install.directories.reports, 'kms'));
    expect(written.length).toBeGreaterThan(10_000);
    for (const text of [result.stdout, result.stderr, written]) {
      for (const canary of Object.values(CANARIES)) expect(text.includes(canary)).toBe(false);
    }
  });

  it.each(['NODE_DEBUG', 'NODE_DEBUG_NATIVE'])('does not run where %s would print its credentials', async (name) => {
    const traced = { environment: { ...environment, [name]: '*' } };
    const ended: CliResult[] = [];
    const sent = await moto.recordCalls(async () => ended.push(await runCli(['scan', '--config', configFile], traced)));
    const [exit] = ended;
    expect(exit).toMatchObject({ exitCode: 3, stdout: '' });
    expect(exit?.stderr).toContain(`recoverage does not run while ${name} is set`);
    for (const canary of Object.values(CANARIES)) expect(exit?.stderr.includes(canary)).toBe(false);
    expect(sent).toEqual([]);
  });

  it('was sent reading operations only, as its own recorder shows', () => {
    const sent = [...new Set(calls.map(({ service, operation }) => `${service} ${operation}`))].sort();
    const admitted = [
      ...Object.keys(KMS_READ_OPERATIONS).map((name) => `kms ${name}`),
      ...Object.keys(STS_READ_OPERATIONS).map((name) => `sts ${name}`),
    ];
    expect(sent).toEqual(admitted.sort());
  });
});
