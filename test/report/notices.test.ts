import { describe, expect, it } from 'vitest';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { policySchema } from '../../src/model/policy.ts';
import { STATEMENT_TEXTS } from '../../src/model/statements.ts';
import { contradictedDomains } from '../../src/report/contradicted-domains.ts';
import { declaredOf, noticesOf } from '../../src/report/notices.ts';
import { CLUSTER, evidence, HOST, INSTALL, LOCATION, PROVIDER, TENANT_STORE } from '../evaluate/fixture.ts';

const LOSS = policySchema.parse({ loss: { level: 'host', name: 'install-1' } });
const NOWHERE = { host: null, site: null, account: null, region: null } as const;

function domains(about: AnyEvidence['subject'], ...items: readonly Partial<Facts['failure-domain']>[]): AnyEvidence {
  return evidence(
    'failure-domain',
    about,
    items.map((item) => ({ ...NOWHERE, ...item })),
  );
}

describe('notices about failure domains', () => {
  it.each([
    [LOCATION, 'locations'],
    [PROVIDER, 'providers'],
    [CLUSTER, 'servers (or install.database)'],
  ])('name the line to add for one that states none: %o', (about, list) => {
    const [notice, ...others] = noticesOf([domains(about)], LOSS);
    expect(others).toEqual([]);
    expect(notice?.text).toContain('states no failure domain');
    expect(notice?.remedy).toContain(`under ${list}: failureDomain`);
  });

  it('come once for each location, however many records tell of it', () => {
    expect(noticesOf([domains(LOCATION), domains(LOCATION)], LOSS)).toHaveLength(1);
  });

  it('are not given where it is stated, or observed', () => {
    expect(noticesOf([domains(LOCATION, { host: 'backup-1', origin: 'stated' })], LOSS)).toEqual([]);
    expect(noticesOf([domains(PROVIDER), domains(PROVIDER, { account: '1', origin: 'observed' })], LOSS)).toEqual([]);
  });

  it('are not given for stores: their domain follows from the binding', () => {
    expect(noticesOf([domains(TENANT_STORE)], LOSS)).toEqual([]);
  });

  it('name a contradiction on the level that is lost, and say that the statement was used', () => {
    const accountLost = policySchema.parse({ loss: { level: 'account', name: '111' } });
    const stated = domains(LOCATION, { account: '111', origin: 'stated' });
    const observed = domains(LOCATION, { account: '222', origin: 'observed' });
    const [notice] = noticesOf([stated, observed], accountLost);
    expect(notice?.text).toMatch(/stated to be on account 111, and was observed on 222; the statement was used/);
    expect(noticesOf([stated, observed], LOSS)).toEqual([]);
    const spelt = [{ host: 'backup-1', origin: 'stated' } as const, { host: 'Backup-1.', origin: 'observed' } as const];
    expect(noticesOf([domains(LOCATION, ...spelt)], LOSS)).toEqual([]);
  });

  describe('that is stated elsewhere and lies on a disk of the host', () => {
    const stated = { host: 'backup-1', origin: 'stated' } as const;
    const observed = domains(LOCATION, { host: 'install-1', origin: 'observed' });

    it('name both, say that the statement was used, and what to do', () => {
      const records = [domains(LOCATION, stated), observed];
      expect(noticesOf(records, LOSS)).toEqual([]);
      const [notice, ...others] = contradictedDomains(records);
      expect(others).toEqual([]);
      expect(notice?.text).toMatch(
        /^Location dumps is stated to stand on host backup-1, and \S+ lies on a disk of install-1.*; the statement was used$/,
      );
      expect(notice?.remedy).toMatch(/^Mount there .*failureDomain: \{ host: install-1 \}.*failureDomain\.attachedAs/);
    });

    it('say so where the statement tells how it is attached', () => {
      const records = [domains(LOCATION, { ...stated, attachedAs: 'iSCSI LUN of san-1' }), observed];
      expect(contradictedDomains(records)).toEqual([]);
      expect(noticesOf(records, LOSS).map(({ text }) => text)).toEqual([
        'Location dumps is stated to be on host backup-1, attached as iSCSI LUN of san-1, and was observed on install-1; the statement was used',
      ]);
      expect(declaredOf(records).map(({ statement }) => statement)).toEqual([
        'host backup-1, attached as iSCSI LUN of san-1',
      ]);
    });
  });
});

describe('the notice about an empty inventory of plans', () => {
  const plans = (count: number, options?: Parameters<typeof evidence>[3]) =>
    evidence(
      'backup-plan',
      INSTALL,
      Array.from({ length: count }, () => ({})),
      options,
    );

  it('is given once where every answer is empty and complete', () => {
    expect(noticesOf([plans(0), plans(0)], LOSS)).toHaveLength(1);
  });

  it.each([
    ['there is a plan', [plans(0), plans(1)]],
    ['nobody could look', [plans(0, { blind: true })]],
    ['nobody asked', []],
    ['only the configuration declares none', [plans(0, { source: 'configuration' })]],
  ])('is not given where %s', (_, records) => {
    expect(noticesOf(records, LOSS)).toEqual([]);
  });

  it('is given where the configuration alone declares plans', () => {
    expect(noticesOf([plans(0), plans(1, { source: 'configuration' })], LOSS)).toHaveLength(1);
  });
});

describe('what rests on somebody’s word', () => {
  it('lists stated domains, purposes, declared plans and attestations, and nothing observed', () => {
    const listed = declaredOf([
      domains(LOCATION, { host: 'backup-1', site: 'fra', origin: 'stated' }, { host: 'x', origin: 'observed' }),
      evidence('location', LOCATION, [{ purposes: ['dumps'], timezone: 'Europe/Berlin' }]),
      evidence('backup-plan', INSTALL, [{ planId: 'nightly', method: 'pg_dump', schedule: null }], {
        grade: 'declared',
      }),
      evidence('backup-plan', INSTALL, [{ planId: 'of-the-product' }]),
      evidence('declaration', INSTALL, [{ statement: 'runbook-reviewed', owner: 'operations' }], { grade: 'declared' }),
      evidence('copy', LOCATION, [{}]),
    ]);
    expect(listed.map(({ kind, statement, owner }) => [kind, statement, owner])).toEqual([
      ['context', 'host backup-1, site fra', null],
      ['context', 'holds dumps, times in Europe/Berlin', null],
      ['context', 'plan nightly: pg_dump, no schedule', null],
      ['attestation', STATEMENT_TEXTS['runbook-reviewed'], 'operations'],
    ]);
  });
});

it('counts rows that name organizations which are not listed', () => {
  const rowsUnlisted = [
    { dataset: 'keyrings', rows: 12 },
    { dataset: 'backup_runs', rows: 1 },
    { dataset: 'restore_validations', rows: 1 },
  ];
  expect(noticesOf([evidence('organization-list', INSTALL, [{ rowsUnlisted }])], LOSS).map(({ text }) => text)).toEqual(
    [
      '12 rows of dataset keyrings name organizations that are not listed, and count for nobody',
      '1 row of dataset backup_runs names an organization that is not listed, and counts for nobody',
      '1 row of dataset restore_validations names an organization that is not listed, and counts for no organization, only in the tests of restoring some tenant (RST-2, RST-3)',
    ],
  );
  expect(noticesOf([evidence('organization-list', INSTALL, [{}])], LOSS)).toEqual([]);
});

it('thresholds that the policy sets otherwise are told, with the kind that they are set for', () => {
  const limits = { retentionDays: 90, databaseRpoHours: 26 };
  const kindLimits = { files: { filesRpoHours: 48 } };
  expect(noticesOf([], { ...LOSS, limits, kindLimits }).map(({ text }) => text)).toEqual([
    'The policy sets retentionDays to 90; the default is 30',
    'The policy sets filesRpoHours of files to 48; the default is 26',
  ]);
});

describe('a notice of secrets of a setup in progress', () => {
  const state = (setupSecrets: number | undefined) =>
    noticesOf(
      [
        evidence('host-file', HOST, [
          {
            role: 'state-directory',
            path: '/var/lib/novantra/onprem',
            ...(setupSecrets === undefined ? {} : { setupSecrets }),
          },
        ]),
      ],
      LOSS,
    );

  it('counts the files and names the directory alone', () => {
    expect(state(2)).toEqual([
      {
        text: 'In /var/lib/novantra/onprem 2 files look like secrets of a setup that is not finished',
        remedy: 'Finish the setup or end it, so that they are removed; nobody read them.',
      },
    ]);
    expect(state(1)[0]?.text).toContain('1 file looks like secrets');
  });

  it('is not given where there are none, nor where nobody counted them', () => {
    expect(state(0)).toEqual([]);
    expect(state(undefined)).toEqual([]);
  });
});
