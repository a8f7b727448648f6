import { createHash } from 'node:crypto';
import { DAY, HOUR, type Instant, toInstant, toMillis } from '../model/instant.ts';
import type { DemoOrganization } from './organizations.ts';
import type { TableRows } from './table-rows.ts';
import type { Timeline } from './timeline.ts';

const FILES = 6;
const MEMBERS = 4;
const AUDIT_ENTRIES = 12;

/** A file of an organization, as its database lists it and its storage holds it. */
export interface DemoFile {
  readonly key: string;
  readonly contents: string;
  readonly createdAt: Instant;
}

/** Files uploaded since the organization exists, the last one two days ago; an organization that is being created has none. */
export function filesOf(organization: DemoOrganization, timeline: Timeline): readonly DemoFile[] {
  if (organization.state === 'provisioning') return [];
  return Array.from({ length: FILES }, (_, index) => ({
    key: `documents/${String(index + 1).padStart(4, '0')}.txt`,
    contents: `Stand-in file ${index + 1} of ${organization.name}, made by recoverage demo.\n`,
    createdAt: timeline.ago(spread(organization.age, index, FILES)),
  }));
}

/** A version of an organization's wrapping key that its database records as used. */
interface KeyVersion {
  readonly version: number;
  readonly state: 'active' | 'retired';
  readonly createdAt: Instant;
  readonly retiredAt: Instant | null;
}

/** What the database records; the provider was asked to make the first version when the organization was created. */
function keyVersionsOf(organization: DemoOrganization, timeline: Timeline): readonly KeyVersion[] {
  const first = timeline.ago(organization.age);
  const rotation = rotationOf(organization, timeline);
  if (rotation === null) return [{ version: 1, state: 'active', createdAt: first, retiredAt: null }];
  return [
    { version: 1, state: 'retired', createdAt: first, retiredAt: rotation },
    { version: 2, state: 'active', createdAt: rotation, retiredAt: null },
  ];
}

/** When the wrapping key was rotated; null where it never was. */
export function rotationOf(organization: DemoOrganization, timeline: Timeline): Instant | null {
  if (organization.slug === 'iris') return timeline.rotation;
  return organization.slug === 'cedar' ? timeline.ago(100 * DAY) : null;
}

/**
 * Everything in a tenant database as of an instant.
 *
 * @param asOf rows made later are left out, as in a dump of that time
 */
export function tenantRows(organization: DemoOrganization, timeline: Timeline, asOf: Instant): TableRows {
  return {
    key_versions: keyVersionsOf(organization, timeline)
      .filter((one) => one.createdAt <= asOf)
      .map((one) => {
        const retired = one.retiredAt !== null && one.retiredAt <= asOf;
        return {
          key_ref: organization.keyRef,
          version: one.version,
          state: retired ? 'retired' : 'active',
          created_at: one.createdAt,
          retired_at: retired ? one.retiredAt : null,
          wrapped_sample: null,
        };
      }),
    audit_log: Array.from({ length: AUDIT_ENTRIES }, (_, index) => ({
      position: index + 1,
      hash: `\\x${digest(`${organization.id} ${index}`)}`,
      recorded_at: timeline.ago(spread(organization.age, index, AUDIT_ENTRIES)),
    })).filter((row) => row.recorded_at <= asOf),
    artifacts: filesOf(organization, timeline)
      .filter((file) => file.createdAt <= asOf)
      .map((file) => ({
        object_key: file.key,
        bytes: Buffer.byteLength(file.contents),
        sha256: digest(file.contents),
        created_at: file.createdAt,
      })),
    members: Array.from({ length: MEMBERS }, (_, index) => ({
      member_id: `mem_01demo${organization.slug}${index + 1}`,
      email: `member${index + 1}@${organization.slug}.example`,
      last_sign_in_at: toInstant(toMillis(asOf) - (index + 1) * HOUR),
    })),
  };
}

/** From the organization's creation to two days ago; for one that is younger, to a tenth of its age ago. */
function spread(age: number, index: number, count: number): number {
  const latest = Math.min(2 * DAY, age / 10);
  return age - Math.floor(((age - latest) * (index + 1)) / count);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
