import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../src/collect/formats/csv.ts';
import { acceptsType, typeHint } from '../../../src/collect/organizations/column-types.ts';
import * as is from '../../../src/collect/organizations/column-values.ts';
import { INSTALL_DATASETS, TENANT_DATASETS } from '../../../src/collect/organizations/dataset-contracts.ts';
import { withoutCredentials } from '../../../src/collect/organizations/without-credentials.ts';

describe('column values', () => {
  it.each([
    ['2026-11-22 18:00:00+00', '2026-11-22T18:00:00.000Z'],
    ['2026-11-22 18:00:00.123999+00', '2026-11-22T18:00:00.123Z'],
    ['2026-11-22T18:00:00Z', '2026-11-22T18:00:00.000Z'],
    ['2026-11-22 18:00+05:30', '2026-11-22T12:30:00.000Z'],
    ['2026-11-22 18:00:00-0930', '2026-11-23T03:30:00.000Z'],
    ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
  ])('reads the instant %s', (text, instant) => {
    expect(is.instant.schema.parse(text)).toBe(instant);
  });

  it.each([
    '2026-11-22 18:00:00',
    '2026-11-22',
    'infinity',
    '-infinity',
    '0044-03-15 00:00:00+00 BC',
    '10000-01-01 00:00:00+00',
    '2026-13-01 00:00:00+00',
    '2026-02-30T00:00:00',
    '',
  ])('refuses %j as an instant', (text) => {
    expect(is.instant.schema.safeParse(text).success).toBe(false);
  });

  it('reads integers exactly or not at all', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (value) => {
        const read = is.integer.schema.safeParse(String(value));
        if (read.success) expect(BigInt(read.data)).toBe(value);
        else expect(value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)).toBe(true);
        expect(is.position.schema.parse(String(value))).toBe(String(value));
      }),
    );
    expect(is.count.schema.safeParse('-1').success).toBe(false);
    expect(is.number.schema.safeParse('NaN').success).toBe(false);
    expect(is.number.schema.parse('12.5')).toBe(12.5);
  });

  it('reads lists as PostgreSQL writes them', () => {
    const written = (list: readonly string[]) =>
      `{${list.map((one) => `"${one.replace(/(["\\])/g, '\\$1')}"`).join(',')}}`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (list) => {
        expect(is.list.schema.parse(written(list))).toEqual(list);
        expect(is.list.schema.parse(JSON.stringify(list))).toEqual(list);
      }),
    );
    expect(is.list.schema.parse('{eu-west-1,"a b",x.y}')).toEqual(['eu-west-1', 'a b', 'x.y']);
    for (const wrong of ['{NULL}', '{a', 'a,b', '{{a},{b}}', '{a,}', '{"a"b}', '[1]'])
      expect(is.list.schema.safeParse(wrong).success).toBe(false);
  });

  it('takes names of 10,000 characters and no longer ones', () => {
    expect(is.text.schema.parse('🏢'.repeat(10_000))).toHaveLength(20_000);
    expect(is.text.schema.safeParse('x'.repeat(10_001)).success).toBe(false);
  });

  it('keeps of provider settings only what says where the provider is', () => {
    const settings = {
      address: 'https://root:pw@vault.example:8200/v1',
      mount: 'orgkeys',
      token: 'hvs.secret',
      pin: 1234,
      slot: 2,
    };
    expect(is.settings.schema.parse(JSON.stringify(settings))).toEqual({
      address: 'https://vault.example:8200/v1',
      mount: 'orgkeys',
      slot: '2',
    });
    expect(is.settings.schema.safeParse('[]').success).toBe(false);
  });

  it.each([
    ['s3://AKIA:secret@bucket/key', 's3://bucket/key'],
    [
      'https://b.example/k?versionId=3&X-Amz-Signature=abc&X-Amz-Credential=AK',
      'https://b.example/k?versionId=3&X-Amz-Signature=[secret]&X-Amz-Credential=[secret]',
    ],
    ['connection failed: postgresql://u:p@ss@h/db', 'connection failed: postgresql://h/db'],
    ["password='a b' host=h", 'password=[secret] host=h'],
    ['file:///srv/backups/tenant@2026.dump', 'file:///srv/backups/tenant@2026.dump'],
    ['s3://bucket/token-service/passwords.dump', 's3://bucket/token-service/passwords.dump'],
  ])('takes credentials out of %s', (text, clean) => {
    expect(withoutCredentials(text)).toBe(clean);
  });

  it('takes credentials out of a long text without delay', () => {
    const began = performance.now();
    for (const part of ['a', 'a@', '://', 'a://b@', 'token', '? token', "password='"])
      withoutCredentials(part.repeat(Math.ceil(10_000 / part.length)));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('dataset contracts', () => {
  it('turn a row into typed, camel-case values, with null for what is left out', () => {
    expect(
      INSTALL_DATASETS.backup_plans.parse({
        plan_id: 'p',
        covers: 'all',
        method: 'pg_dump',
        enabled: 't',
        retention_days: '30',
      }),
    ).toEqual({
      ok: true,
      row: {
        planId: 'p',
        covers: 'all',
        organizationId: null,
        method: 'pg_dump',
        enabled: true,
        schedule: null,
        timezone: null,
        retentionDays: 30,
        targetUri: null,
        createdAt: null,
      },
    });
  });

  it('name every column of a row that is wrong, and no value', () => {
    const parsed = INSTALL_DATASETS.backup_runs.parse({
      run_id: null,
      organization_id: 'org_1',
      status: 'secret status',
      started_at: 'secret time',
    });
    expect(parsed).toEqual({
      ok: false,
      problems: [
        { dataset: 'backup_runs', organizationId: 'org_1', column: 'run_id', problem: 'is null' },
        {
          dataset: 'backup_runs',
          organizationId: 'org_1',
          column: 'status',
          problem: 'is none of running, succeeded, failed, skipped',
        },
        {
          dataset: 'backup_runs',
          organizationId: 'org_1',
          column: 'started_at',
          problem: expect.stringContaining('offset'),
        },
      ],
    });
  });

  it.each([
    [INSTALL_DATASETS.storage_bindings, { binding_id: 'b', kind: 'tape', state: 'draft' }, ['state']],
    [
      INSTALL_DATASETS.restore_validations,
      { validation_id: 'v', performed_at: '2026-01-01T00:00:00Z', outcome: 'partly' },
      ['outcome'],
    ],
    [
      INSTALL_DATASETS.license,
      { install_id: 'i', valid_until: '2026-01-01T00:00:00Z', organization_ids: '{}', state: 'expired' },
      ['state'],
    ],
    [
      INSTALL_DATASETS.organizations,
      { organization_id: 'o', slug: 's', name: 'n', state: 'archived', created_at: '2026-01-01T00:00:00Z' },
      [],
    ],
    [
      TENANT_DATASETS.key_versions,
      { key_ref: 'k', version: null, state: 'in use', created_at: '2026-01-01T00:00:00Z' },
      [],
    ],
  ])('hold closed lists closed and open ones open', (contract, row, wrong) => {
    const parsed = contract.parse(row);
    expect(parsed.ok ? [] : parsed.problems.map(({ column }) => column)).toEqual(wrong);
  });

  it('accept the types that can carry a value, and hint at the cast', () => {
    expect([
      acceptsType('instant', 1184),
      acceptsType('instant', 25),
      acceptsType('instant', 1114),
      acceptsType('instant', 1082),
    ]).toEqual([true, true, false, false]);
    expect([
      acceptsType('text', 20_000),
      acceptsType('integer', 20_000),
      acceptsType('text', 3802),
      acceptsType('digest', 17),
    ]).toEqual([true, false, false, true]);
    expect(typeHint('instant', 1114)).toContain("AT TIME ZONE 'UTC'");
  });
});

describe('parseCsv', () => {
  it('gives back what RFC 4180 writes, nulls apart from empty texts', () => {
    const field = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.option(fc.string({ unit: 'binary' })), fc.string()), { minLength: 0 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (rows, end, last) => {
          const lines = ['a,b', ...rows.map((row) => row.map(field).join(','))];
          expect(parseCsv(lines.join(end) + (last ? end : ''))).toEqual(rows.map(([a, b]) => ({ a, b })));
        },
      ),
    );
  });

  it.each(['a,b\n1', 'a\n"x', 'a\nx"y', ''])('refuses %j', (text) => {
    expect(parseCsv(text)).toBeNull();
  });
});
