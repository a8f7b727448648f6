import type { OrganizationPart } from '../model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { FactKind, Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import type { Subject } from '../model/subject.ts';

/** What comparing an organization with all others told. */
export interface Comparing<K extends FactKind> {
  readonly kind: K;
  /** The facts that were compared: the result is as old as they are. */
  readonly of: FactKind;
  /** E.g. `comparison of all storage bindings`. */
  readonly source: string;
  /** Stands in where nothing was compared. */
  readonly asOf: Instant;
  readonly items: readonly Facts[K][];
  readonly blindSpot: BlindSpot | null;
}

/** The evidence about an organization that comparing all of them gives. */
export function comparisonAbout<K extends FactKind>(part: OrganizationPart, comparing: Comparing<K>): AnyEvidence {
  const { kind, of, source, asOf, items, blindSpot } = comparing;
  const subject: Subject = part.subjects.find((node) => node.subject.kind === 'organization')?.subject ?? {
    kind: 'organization',
    key: part.organizationId,
    organizationId: part.organizationId,
    name: part.organizationId,
  };
  return {
    id: `survey-${kind}-${part.organizationId}`,
    kind,
    subject,
    source,
    operation: 'compare',
    locator: 'this bundle',
    grade: 'observed',
    collectedAt: part.evidence.find((record) => record.kind === of)?.collectedAt ?? asOf,
    items,
    blindSpot,
  } as unknown as AnyEvidence;
}
