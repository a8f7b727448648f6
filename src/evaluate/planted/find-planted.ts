import type { Control } from '../../model/control.ts';
import type { AnyEvidence, Evidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Status } from '../../model/finding.ts';
import type { Instant } from '../../model/instant.ts';
import { policySchema } from '../../model/policy.ts';
import type { Subject } from '../../model/subject.ts';
import { judgeSubject } from '../judge-subject.ts';
import { contextFor, partView } from '../prepare.ts';
import type { Scope } from '../scope.ts';
import { PLANTS, type Plant } from './planted-gaps.ts';
import {
  INSTALL_NODES,
  madeUpRecords,
  ORGANIZATION_NODES,
  type SoundFacts,
  SUBJECTS,
  soundFacts,
} from './sound-install.ts';

/** The policy by which plants are judged, whatever that of the audit: its own limits could excuse them. */
const POLICY = policySchema.parse({ loss: { level: 'host', name: SUBJECTS.host.key } });

/**
 * Judges a made-up install with each planted gap, and without any, by the controls of this very run: a gap counts as
 * found where it fails with the plant and passes without.
 *
 * @param install the install that is audited, which the answer is about
 */
export function plantedGapEvidence(controls: readonly Control[], install: Subject, asOf: Instant): AnyEvidence {
  const record: Evidence<'planted-gap'> = {
    id: 'planted-gaps',
    kind: 'planted-gap',
    subject: install,
    source: 'this program',
    operation: 'judge planted gaps',
    locator: 'built in',
    grade: 'observed',
    collectedAt: asOf,
    items: PLANTS.map((plant) => planted(controls, plant, asOf)),
    blindSpot: null,
  };
  return record;
}

function planted(controls: readonly Control[], plant: Plant, asOf: Instant): Facts['planted-gap'] {
  const sound = soundFacts(asOf);
  return {
    controlId: plant.controlId,
    planted: plant.planted,
    withGap: statusOf(controls, plant, plant.change(sound, asOf), asOf),
    without: statusOf(controls, plant, sound, asOf),
  };
}

/** Null where there is no such control any more. */
function statusOf(controls: readonly Control[], plant: Plant, facts: SoundFacts, asOf: Instant): Status | null {
  const control = controls.find(({ id }) => id === plant.controlId);
  const node = [...INSTALL_NODES, ...ORGANIZATION_NODES].find(({ subject }) => subject === plant.subject);
  if (control === undefined || node === undefined) return null;
  const records = madeUpRecords(asOf, facts);
  const view = (part: 'install' | 'organization', subjects: typeof INSTALL_NODES) => {
    const evidence = records.filter((one) => one.part === part).map(({ record }) => record);
    return partView({ type: 'install', subjects, evidence }, [], asOf, POLICY);
  };
  const install = view('install', INSTALL_NODES);
  const organization = plant.subject.organizationId === null ? null : view('organization', ORGANIZATION_NODES);
  const scope: Scope = { install, organization };
  return judgeSubject(control, node, scope, contextFor(plant.subject, POLICY, asOf)).finding.status;
}
