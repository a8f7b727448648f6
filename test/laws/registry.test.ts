import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import { type Control, type Need, type Part, RELATIONS, type Relation } from '../../src/model/control.ts';
import type { FactKind } from '../../src/model/facts.ts';
import { BEARINGS } from '../../src/model/finding.ts';
import { LIMIT_DEFAULTS } from '../../src/model/policy.ts';
import { SEVERITIES } from '../../src/model/severity.ts';
import { STATEMENTS } from '../../src/model/statements.ts';
import { SUBJECT_KINDS, type SubjectKind } from '../../src/model/subject.ts';

const FOLDER = new URL('../../src/evaluate/controls/', import.meta.url);

/** What kinds of subject a fact is about, as the vocabulary says. */
const ABOUT: Readonly<Record<FactKind, readonly SubjectKind[]>> = {
  install: ['install'],
  'organization-list': ['install'],
  organization: ['organization'],
  'tenant-database': ['organization'],
  'backup-plan': ['install', 'organization'],
  'backup-run': ['database'],
  'restore-test': ['install', 'organization'],
  'storage-binding': ['organization'],
  keyring: ['install', 'organization'],
  license: ['install'],
  'audit-head': ['install', 'database'],
  cluster: ['cluster'],
  'database-state': ['database'],
  catalogue: ['database'],
  copy: ['database', 'cluster'],
  archiver: ['cluster'],
  'wal-archive': ['cluster'],
  'globals-copy': ['cluster'],
  'database-list': ['install'],
  'orphan-copy': ['location'],
  'key-version': ['organization'],
  'key-state': ['keyring', 'provider', 'store'],
  'key-settings': ['keyring'],
  'key-rotation': ['keyring'],
  'provider-state': ['provider'],
  custody: ['provider', 'location', 'store'],
  'unwrap-proof': ['keyring'],
  'provider-record': ['provider'],
  'provider-use': ['provider'],
  'provider-snapshot': ['provider'],
  'snapshot-key': ['keyring'],
  'provider-peer': ['provider'],
  'vault-resource': ['provider'],
  'key-peer': ['keyring', 'provider'],
  'store-state': ['store'],
  'store-versioning': ['store', 'location'],
  'store-object-lock': ['store', 'location'],
  'store-encryption': ['store', 'location'],
  'store-replication': ['store'],
  'store-replica': ['store'],
  'store-lifecycle': ['store', 'location'],
  'store-access-block': ['store'],
  'store-policy': ['store'],
  'store-acl': ['store'],
  'former-store': ['organization'],
  'file-sample': ['store'],
  'file-copy-sample': ['store'],
  'file-inventory': ['store'],
  'artifact-prefix': ['database'],
  'store-overlap': ['organization'],
  'database-overlap': ['organization'],
  'key-overlap': ['organization'],
  // Of the install: copies of its license file, and of its runbook.
  'file-copy': ['store', 'host', 'install'],
  'license-file': ['install'],
  address: ['install'],
  certificate: ['install'],
  'previous-report': ['install'],
  'host-file': ['host'],
  'host-system': ['host'],
  'installer-package': ['host'],
  runbook: ['install'],
  'secret-source': ['install'],
  'planted-gap': ['install'],
  'failure-domain': SUBJECT_KINDS,
  location: ['location'],
  declaration: SUBJECT_KINDS,
  clock: SUBJECT_KINDS,
  'access-rights': SUBJECT_KINDS,
  'unmatched-artifact': ['location'],
  'artifact-count': ['database'],
};

/** Where a relation leads; `self` leads nowhere else. Links are there for the kinds in `from` only. */
const LEADS: Readonly<
  Record<Exclude<Relation, 'self'>, { to: readonly SubjectKind[]; from?: readonly SubjectKind[] }>
> = {
  organization: { to: ['organization'] },
  owner: { to: ['organization', 'install'] },
  'organization-databases': { to: ['database'] },
  'organization-keyrings': { to: ['keyring'] },
  'organization-stores': { to: ['store'] },
  install: { to: ['install'] },
  'install-database': { to: ['database'] },
  'install-keyrings': { to: ['keyring'] },
  cluster: { to: ['cluster'], from: ['database'] },
  'organization-clusters': { to: ['cluster'] },
  'install-cluster': { to: ['cluster'] },
  provider: { to: ['provider'], from: ['keyring'] },
  'organization-providers': { to: ['provider'] },
  'install-providers': { to: ['provider'] },
  'all-providers': { to: ['provider'] },
  'all-locations': { to: ['location'] },
  host: { to: ['host'] },
};

function kindsOf(control: Control): readonly SubjectKind[] {
  return typeof control.subject === 'string' ? [control.subject] : control.subject;
}

function partsOf(control: Control): readonly Part[] {
  return [...(control.applies ?? []), ...control.parts];
}

test('ids are unique, and every control file is registered under its own name', () => {
  const files = readdirSync(FOLDER).map((name) => name.replace(/\.ts$/, ''));
  expect(CONTROLS.map((control) => control.id.toLowerCase()).sort()).toEqual(files.sort());
});

test('every relation is known to this test', () => {
  expect(['self', ...Object.keys(LEADS)].sort()).toEqual([...RELATIONS].sort());
});

describe.each(CONTROLS.map((control) => [control.id, control] as const))('%s', (_, control) => {
  test('has an id of its plane, a severity and what it bears on', () => {
    expect(control.id).toMatch(/^(INV|DB|KEY|FILE|HOST|RST|REC|RUN)-[1-9]\d?$/);
    expect(SEVERITIES).toContain(control.severity);
    expect(BEARINGS).toContain(control.bears);
  });

  test('has complete texts', () => {
    expect(control.title).toMatch(/^[A-Z].{8,}[^.]$/);
    expect(control.failureTitle).toMatch(/^[A-Z].{8,}[^.]$/);
    expect(control.failureTitle).not.toBe(control.title);
    expect(control.rationale).toMatch(/^[A-Z].{20,}\.$/s);
    expect(control.remediation).toMatch(/^[A-Z].{20,}\S$/s);
  });

  test('has advice of its own for an unknown where that for a failure takes something away or puts it back', () => {
    const { remediation, remediationUnknown } = control;
    // A scratch database is the tester's own, and restoring a copy into one harms nothing.
    const harmless = remediation.replaceAll(/remove the scratch database|Restore the newest copy/g, '');
    if (/\b(delete|drop|remove|discard|move|restore (the|its)|encrypt nothing)\b/i.test(harmless))
      expect(remediationUnknown).toBeDefined();
    if (remediationUnknown !== undefined) expect(remediationUnknown).toMatch(/^[A-Z].{20,}\.$/s);
    expect(remediationUnknown).not.toBe(remediation);
  });

  test('names limits that exist, each once', () => {
    for (const name of control.limits) expect(Object.keys(LIMIT_DEFAULTS)).toContain(name);
    expect(new Set(control.limits).size).toBe(control.limits.length);
  });

  test('asks something of every kind of subject it is about', () => {
    for (const kind of kindsOf(control)) {
      const own = control.parts.filter((part) => part.onlyFor === undefined || part.onlyFor === kind);
      expect(own.length, kind).toBeGreaterThan(0);
      expect(own.flatMap((part) => Object.keys(part.needs)).length, kind).toBeGreaterThan(0);
    }
    for (const part of partsOf(control))
      if (part.onlyFor !== undefined) expect(kindsOf(control)).toContain(part.onlyFor);
  });

  test('names its parts apart', () => {
    for (const kind of kindsOf(control)) {
      const names = control.parts.filter((part) => part.onlyFor === undefined || part.onlyFor === kind);
      expect(new Set(names.map((part) => part.name)).size).toBe(names.length);
    }
  });

  test('asks for facts where there are such facts', () => {
    for (const part of partsOf(control)) {
      for (const need of Object.values(part.needs)) expectReachable(need, part, control);
    }
  });
});

function expectReachable(need: Need, part: Part, control: Control): void {
  const from = part.onlyFor === undefined ? kindsOf(control) : [part.onlyFor];
  const leads = need.of === 'self' ? { to: from } : LEADS[need.of];
  const text = `${control.id} ${part.name}: ${need.fact} of ${need.of}`;
  if (leads.from !== undefined) for (const kind of from) expect(leads.from, text).toContain(kind);
  // An owner may be either; what only one of the two has must not be asked of the other.
  for (const kind of leads.to) expect(ABOUT[need.fact], text).toContain(kind);
  if (need.fact === 'declaration') {
    expect(need.statements?.length ?? 0, text).toBeGreaterThan(0);
    for (const statement of need.statements ?? []) expect(STATEMENTS, text).toContain(statement);
    expect(need.leastGrade, text).toBe('declared');
  }
}
