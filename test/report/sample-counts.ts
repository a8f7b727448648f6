import type { Status } from '../../src/model/finding.ts';
import { INSTALL_CONTROLS } from './sample-controls.ts';
import { type SampleCase, sampleCase, sampleChapter } from './sample-organizations.ts';
import { sharedFinding } from './sample-shared.ts';

export type Tally = Record<Status, number>;
export const emptyTally = (): Tally => ({ pass: 0, fail: 0, unknown: 0, 'not-applicable': 0, waived: 0 });

export interface Counts {
  readonly cases: Readonly<Record<SampleCase, number>>;
  readonly tally: Tally;
  readonly byControl: ReadonlyMap<string, Tally>;
}

/** The state of an organization depends on its position within the cycle of 12 only, so counting needs 12 chapters. */
export const CYCLE_LENGTH = 12;

/** Counts the organizations at the positions from (included) to (excluded), and the shared findings. */
export function countAll(indexes: readonly [from: number, to: number]): Counts {
  const cases: Record<SampleCase, number> = {
    recoverable: 0,
    gap: 0,
    'blind-spot': 0,
    'first-copy-due': 0,
    unknown: 0,
    blind: 0,
    'not-recoverable': 0,
    excluded: 0,
  };
  const tally = emptyTally();
  const byControl = new Map<string, Tally>();
  const count = (controlId: string, status: Status, times: number): void => {
    const own = byControl.get(controlId) ?? emptyTally();
    own[status] += times;
    tally[status] += times;
    byControl.set(controlId, own);
  };
  for (let position = 0; position < CYCLE_LENGTH; position += 1) {
    let times = 0;
    for (let index = indexes[0]; index < indexes[1]; index += 1) if (index % CYCLE_LENGTH === position) times += 1;
    if (times === 0) continue;
    cases[sampleCase(position)] += times;
    for (const { controlId, status } of sampleChapter(position, false).findings) count(controlId, status, times);
  }
  for (const control of INSTALL_CONTROLS) count(control.id, sharedFinding(control).status, 1);
  return { cases, tally, byControl };
}
