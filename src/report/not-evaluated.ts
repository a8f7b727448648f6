import type { Policy } from '../model/policy.ts';
import type { ReportHead } from '../model/report.ts';

/**
 * Controls of the catalogue that this version does not have yet, with their question. They give no finding; every
 * report names them.
 */
export const NOT_BUILT: readonly { readonly controlId: string; readonly question: string }[] = [];

/** The reason of those; any other reason is of a question that was not asked of a control that gives findings besides. */
export const NOT_BUILT_REASON = 'not built in this version';

/** Everything of the catalogue that a report says nothing about: what is not built, and what was not asked for. */
export function notEvaluated(policy: Policy): ReportHead['notEvaluated'] {
  return [
    ...NOT_BUILT.map((control) => ({ ...control, reason: NOT_BUILT_REASON })),
    {
      controlId: 'RUN-1',
      question: 'Is the auditor read-only towards AWS KMS and S3?',
      reason: 'not asked: those rights can be read only with more rights than an audit should hold',
    },
    ...(policy.proveKeys
      ? []
      : [
          {
            controlId: 'KEY-11',
            question: 'Does a wrapped key really unwrap?',
            reason: 'not asked for: it uses keys, and is done with --prove-keys only',
          },
        ]),
    ...(policy.organizationRestoreTestDays === null
      ? [
          {
            controlId: 'RST-6',
            question: 'Was this organization restored?',
            reason: 'not asked for: policy.organizationRestoreTestDays states no limit',
          },
        ]
      : []),
  ];
}
