import type { Control } from '../../src/model/control.ts';
import { ABSENT_DATASET, type AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { HOUR } from '../../src/model/instant.ts';
import type { SubjectNode } from '../../src/model/subject.ts';
import {
  ago,
  CLUSTER,
  evidence,
  INSTALL,
  type JudgeOptions,
  judgeFully,
  LOCATION,
  node,
  ORGANIZATION,
  scopeOf,
  TENANT_DATABASE,
} from './fixture.ts';

type Items<K extends keyof Facts> = readonly Partial<Facts[K]>[] | 'blind';

/** What was seen of one tenant database; whatever is not given is as on a well-run install. */
export interface DatabaseCase extends JudgeOptions {
  readonly copies?: Items<'copy'>;
  readonly runs?: Items<'backup-run'>;
  readonly installPlans?: Items<'backup-plan'>;
  readonly ownPlans?: Items<'backup-plan'>;
  readonly states?: Items<'database-state'>;
  readonly catalogues?: Items<'catalogue'>;
  readonly organizations?: Items<'organization'>;
  readonly clusters?: Items<'cluster'>;
  /** Rows of its tenant database; default: one that does not tell when it was made. */
  readonly rows?: Items<'tenant-database'>;
  /** True where the install has no datasets of what a tenant database holds. */
  readonly withoutTenantDatasets?: boolean;
  readonly restoreTests?: Items<'restore-test'>;
  readonly recreations?: Items<'declaration'>;
  /** Further records about the database. */
  readonly more?: readonly AnyEvidence[];
  /** Further records about the install and what is shared. */
  readonly installMore?: readonly AnyEvidence[];
  /** Subjects of the install; default the usual ones. */
  readonly installNodes?: readonly SubjectNode[];
  /** What holds the copies; default: a directory. */
  readonly copyPlace?: Partial<Facts['location']>;
  /** Declared plans of another tool, beside those of the inventory. */
  readonly declaredPlans?: readonly Partial<Facts['backup-plan']>[];
}

/** Judges the tenant database of {@link ORGANIZATION}. */
export function judgeDatabase(control: Control, seen: DatabaseCase) {
  const scope = scopeOf({
    install: {
      ...(seen.installNodes === undefined ? {} : { nodes: seen.installNodes }),
      evidence: [
        items('backup-plan', INSTALL, seen.installPlans ?? [{}]),
        items('cluster', CLUSTER, seen.clusters ?? [{}]),
        items('declaration', INSTALL, []),
        evidence('location', LOCATION, [seen.copyPlace ?? {}]),
        ...(seen.installMore ?? []),
        ...(seen.declaredPlans === undefined
          ? []
          : [evidence('backup-plan', INSTALL, seen.declaredPlans, { grade: 'declared', source: 'attestations' })]),
      ],
    },
    organization: {
      evidence: [
        items('organization', ORGANIZATION, seen.organizations ?? [{}]),
        items('tenant-database', ORGANIZATION, seen.rows ?? [{ createdAt: null }]),
        items('restore-test', ORGANIZATION, seen.restoreTests ?? []),
        signs('key-version', ORGANIZATION, seen),
        signs('artifact-count', TENANT_DATABASE, seen),
        items('backup-plan', ORGANIZATION, seen.ownPlans ?? []),
        items('copy', TENANT_DATABASE, seen.copies ?? [{}]),
        items('backup-run', TENANT_DATABASE, seen.runs ?? [{}]),
        items('database-state', TENANT_DATABASE, seen.states ?? [{}]),
        items('catalogue', TENANT_DATABASE, seen.catalogues ?? [{}]),
        ...(seen.more ?? []),
        ...(seen.recreations === undefined ? [] : [items('declaration', TENANT_DATABASE, seen.recreations)]),
      ],
    },
  });
  return judgeFully(control, node(TENANT_DATABASE), scope, seen).finding;
}

function signs(kind: keyof Facts, about: typeof TENANT_DATABASE, { withoutTenantDatasets }: DatabaseCase): AnyEvidence {
  const record = evidence(kind, about, []);
  if (withoutTenantDatasets !== true) return record;
  const blindSpot = { reason: 'not-asked', detail: `${ABSENT_DATASET}${kind}`, remedy: '' } as const;
  return { ...record, blindSpot };
}

function items<K extends keyof Facts>(kind: K, about: typeof TENANT_DATABASE, seen: Items<K>): AnyEvidence {
  return seen === 'blind' ? evidence(kind, about, [], { blind: true }) : evidence(kind, about, seen);
}

/** A copy that old, to the instant, in a file of its own. */
export function copyOfAge(hours: number, changes: Partial<Facts['copy']> = {}): Partial<Facts['copy']> {
  const at = ago(hours * HOUR);
  return {
    path: `tenant_acme-${hours}h.dump`,
    moment: { notBefore: at, notAfter: at, origin: 'fixture' },
    modifiedAt: at,
    ...changes,
  };
}

/** A run that started that long ago and, unless it is running, took ten minutes. */
export function runOfAge(hours: number, changes: Partial<Facts['backup-run']> = {}): Partial<Facts['backup-run']> {
  return {
    runId: `run-${hours}h`,
    startedAt: ago(hours * HOUR),
    finishedAt: changes.status === 'running' ? null : ago((hours - 1 / 6) * HOUR),
    artifactUri: `file:///dumps/tenant_acme-${hours}h.dump`,
    ...changes,
  };
}
