import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import {
  buildMixedInstall,
  METHODS,
  type Method,
  type MixedInstall,
  mixedInstallUnavailable,
  ORGANIZATIONS,
  type SwitchedOff,
} from './mixed-install.ts';
import { findingsOf, type ReportDocument, scan, troubles } from './read-report.ts';

/** What becomes of the databases of one way of backing up, and of their organizations. */
interface Outcome {
  /** Whether a usable copy exists, and a second one elsewhere. */
  readonly copy: Status;
  readonly second: Status;
  /** Where keys are known. */
  readonly verdict: string;
}
type Status = 'pass' | 'fail' | 'unknown';

const GOOD: Outcome = { copy: 'pass', second: 'pass', verdict: 'recoverable' };
/** Somebody looked, and nothing that counts is there. */
const GAP: Outcome = { copy: 'fail', second: 'fail', verdict: 'not-recoverable' };
/** Nobody could look. */
const UNKNOWN: Outcome = { copy: 'unknown', second: 'unknown', verdict: 'unknown' };
/** A managed database is not lost with the install host: then its copies are for the next mistake. */
const survives = (outcome: Outcome): Outcome => ({ ...outcome, verdict: 'at-risk' });
const ONE_PLACE: Outcome = { copy: 'pass', second: 'fail', verdict: 'at-risk' };

/** With everything switched on. A copy that is only declared is no copy, and its absence is not shown either. */
const WHOLE: Readonly<Record<Method, Outcome>> = {
  pgbackrest: GOOD,
  barman: GOOD,
  dumps: GOOD,
  rds: GOOD,
  inventory: UNKNOWN,
};

const SWITCHED_OFF: readonly (readonly [Method, SwitchedOff, Outcome])[] = [
  ['pgbackrest', 'removed', UNKNOWN],
  ['pgbackrest', 'emptied', GAP],
  // A directory without a file may as well be one that is not mounted.
  ['pgbackrest', 'wiped', UNKNOWN],
  ['pgbackrest', 'unreachable', UNKNOWN],
  ['pgbackrest', 'unreadable', UNKNOWN],
  ['pgbackrest', 'second emptied', ONE_PLACE],
  ['barman', 'removed', UNKNOWN],
  ['barman', 'emptied', GAP],
  ['barman', 'wiped', UNKNOWN],
  ['barman', 'unreachable', UNKNOWN],
  // The files are there, and Barman itself knows no backup whose backup.info it cannot read.
  ['barman', 'unreadable', GAP],
  ['barman', 'second emptied', ONE_PLACE],
  ['dumps', 'removed', UNKNOWN],
  ['dumps', 'emptied', GAP],
  ['dumps', 'unreachable', UNKNOWN],
  ['dumps', 'unreadable', GAP],
  ['dumps', 'second emptied', ONE_PLACE],
  ['rds', 'removed', survives(UNKNOWN)],
  ['rds', 'emptied', survives(GAP)],
  ['rds', 'unreachable', survives(UNKNOWN)],
  ['rds', 'unreadable', survives(UNKNOWN)],
  ['rds', 'second emptied', ONE_PLACE],
  ['inventory', 'removed', UNKNOWN],
  ['inventory', 'emptied', UNKNOWN],
  ['inventory', 'unreachable', UNKNOWN],
  ['inventory', 'unreadable', UNKNOWN],
];

const noVault = vaultUnavailable();
/** Without a Vault no verdict can be better than unknown. */
const expected = (outcomes: Readonly<Record<Method, Outcome>>) =>
  Object.fromEntries(
    METHODS.flatMap((method) => {
      const { copy, second, verdict } = outcomes[method];
      const isKnown = noVault === null || verdict === 'not-recoverable';
      return ORGANIZATIONS[method].map((slug) => [slug, { copy, second, verdict: isKnown ? verdict : 'unknown' }]);
    }),
  );
const found = ({ organizations }: ReportDocument) =>
  Object.fromEntries(
    organizations.map(({ slug, verdict, statuses }) => [
      slug,
      { copy: statuses['DB-2'], second: statuses['DB-11'], verdict },
    ]),
  );

/** What inventories state of copies, which shows in no status: a copy that is only declared is unknown, as is none. */
const stated = ({ evidence, findings }: ReportDocument) => {
  const rows = evidence.filter((one) => one.kind === 'copy' && one.operation === 'read as inventory');
  const told = findings.filter(({ controlId, subject }) => controlId === 'DB-2' && subject.name === 'tenant_gorse');
  return {
    rows: rows.map(({ subject, grade }) => `${subject.name}: ${grade}`),
    because: told.map(({ because }) => because),
  };
};

describe.skipIf(mixedInstallUnavailable())('an install of which every part is backed up in its own way', () => {
  let vault: VaultServer | null = null;
  let mixed: MixedInstall;
  let whole: ReportDocument;
  const judged = async (configFile: string, name: string): Promise<ReportDocument> =>
    (await scan(configFile, join(mixed.install.directories.reports, name), mixed.install)).report;
  /** But for the audit's own: the clock of a service is asked for everybody. */
  const statusesOf = ({ organizations }: ReportDocument, methods: readonly Method[]) => {
    const slugs = new Set(methods.flatMap((method) => ORGANIZATIONS[method]));
    const judgedOf = (statuses: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(statuses).filter(([controlId]) => !controlId.startsWith('RUN-')));
    return Object.fromEntries(
      organizations.flatMap(({ slug, statuses }) => (slugs.has(slug) ? [[slug, judgedOf(statuses)]] : [])),
    );
  };

  beforeAll(async () => {
    vault = noVault === null ? await startVault() : null;
    mixed = await buildMixedInstall(vault);
    whole = await judged(mixed.configFile, 'whole');
  }, 900_000);
  afterAll(async () => {
    await mixed?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });

  it('has the verdict that each deserves', () => {
    expect(found(whole), troubles(whole).join('\n')).toEqual(expected(WHOLE));
    expect(whole.install.verdict).toBe('unknown');
  });

  it('tells of the copy that an inventory states, and of none where that is switched off', async () => {
    expect(stated(whole)).toEqual({
      rows: ['tenant_gorse: declared'],
      because: [expect.stringContaining('cannot be judged: only declared, not observed')],
    });
    for (const how of ['removed', 'emptied', 'unreachable', 'unreadable'] as const) {
      await using off = await mixed.switchedOff('inventory', how);
      const report = await judged(off.configFile, `stated-${how}`);
      expect(stated(report), how).toEqual({ rows: [], because: [expect.not.stringContaining('declared')] });
    }
  });

  it('keeps its schedules, as run records or the catalogues of the tools show', () => {
    const kept = Object.fromEntries(whole.organizations.map(({ slug, statuses }) => [slug, statuses['DB-4']]));
    const [pass, none] = ['pass', 'not-applicable'];
    const of = { alder: pass, briar: pass, clover: pass, daisy: pass, elder: pass, fennel: none, gorse: none };
    expect(kept, findingsOf(whole, 'DB-4').join('\n')).toEqual(of);
  });

  it.each(SWITCHED_OFF)('%s %s: its own organizations turn, and no other', async (method, how, outcome) => {
    await using off = await mixed.switchedOff(method, how);
    const report = await judged(off.configFile, `${method}-${how}`.replaceAll(' ', '-'));
    const others = METHODS.filter((other) => other !== method);
    expect(found(report), troubles(report).join('\n')).toEqual(expected({ ...WHOLE, [method]: outcome }));
    expect(statusesOf(report, others)).toEqual(statusesOf(whole, others));
  });
});
