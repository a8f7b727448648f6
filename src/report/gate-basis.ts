import { type Instant, MINUTE, toMillis } from '../model/instant.ts';
import type { Loss } from '../model/policy.ts';
import type { ReportHead } from '../model/report.ts';
import type { Severity } from '../model/severity.ts';
import { instantText, spanText } from '../model/text.ts';
import type { GateProfile } from './gate.ts';
import { neutralize } from './wording/names.ts';
import { lossText } from './wording/subjects.ts';

/** Whose limits, loss and exclusions were applied. `file` is the configuration's path; null for the bundle's own. */
export interface PolicyOrigin {
  readonly from: 'bundle' | 'configuration';
  readonly file: string | null;
}

/** What a gate answered about: another bundle, clock or policy can give another answer. */
export interface GateBasis {
  readonly installId: string | null;
  readonly runId: string;
  /** The clock that was used. */
  readonly asOf: Instant;
  /** False where `asOf` was given and is a minute or more from the wall clock. */
  readonly isWallClock: boolean;
  /** Seconds from the end of the collection to `asOf`. */
  readonly evidenceAgeSeconds: number;
  readonly policy: PolicyOrigin;
  readonly loss: Loss;
  /** Least severity that closes the gate: the profile's. */
  readonly failOn: Severity;
}

/** @param now the wall clock; null where no other clock was asked for */
export function gateBasis(
  head: ReportHead,
  profile: Pick<GateProfile, 'severity'>,
  policy: PolicyOrigin,
  now: Instant | null,
): GateBasis {
  return {
    installId: head.install.installId,
    runId: head.run.id,
    asOf: head.run.asOf,
    isWallClock: now === null || Math.abs(toMillis(now) - toMillis(head.run.asOf)) < MINUTE,
    evidenceAgeSeconds: head.bundleAgeSeconds,
    policy,
    loss: head.run.loss,
    failOn: profile.severity,
  };
}

/** The basis in lines for a person. */
export function basisLines(basis: GateBasis): readonly string[] {
  const install = basis.installId === null ? 'an install that did not tell its id' : neutralize(basis.installId);
  const policy = basis.policy.file === null ? 'the bundle' : neutralize(basis.policy.file);
  return [
    `Judged: install ${install}, run ${neutralize(basis.runId)}, as of ${instantText(basis.asOf)}, evidence ${spanText(basis.evidenceAgeSeconds * 1000)} old, for the loss of ${lossText(basis.loss)}.`,
    `Policy of ${policy}; findings of severity ${basis.failOn} or worse close the gate.`,
    ...(basis.isWallClock
      ? []
      : [
          'The clock is that of --as-of, not the wall clock: evidence that is too old by now does not close this gate.',
        ]),
  ];
}
