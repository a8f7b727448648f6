import type { JudgeContext, Judgement, Observation, Observed } from '../model/control.ts';
import { BEFORE_ALL, HOUR, type Instant, MINUTE, toMillis } from '../model/instant.ts';
import { instantText } from '../model/text.ts';
import { judged, need, part, regardless } from './define-control.ts';

/** What may show that an organization is older than its row says. */
export const SIGNS_OF_AGE = {
  organizations: need('organization', 'organization', 'either'),
  rows: need('tenant-database', 'organization', 'more-helps'),
  runs: need('backup-run', 'organization-databases', 'more-helps'),
  tests: need('restore-test', 'organization', 'more-helps'),
  keyRecords: need('key-version', 'organization', 'more-helps', { absentIsNone: true }),
  registered: need('artifact-count', 'organization-databases', 'more-helps', { absentIsNone: true }),
  states: need('database-state', 'organization-databases', 'either'),
} as const;

interface Sign {
  readonly text: string;
  readonly observation: Observation;
}

/**
 * Holds where something shows that an organization was there before the creation that its row states: a backup run or a
 * restore test from before it, or a database that is, or holds what is, older than any first copy is awaited. Databases
 * may be made in advance, so that one a little older says nothing.
 */
export const signOfAge = part({
  name: 'older than its row says',
  needs: SIGNS_OF_AGE,
  judge: judgeSignsOfAge,
});

export function judgeSignsOfAge(observed: Observed<typeof SIGNS_OF_AGE>, context: JudgeContext): Judgement {
  const organization = observed.organizations[0];
  if (organization === undefined) return judged('holds', 'it belongs to the install');
  const { createdAt } = organization.value;
  const isWithout = isWithoutDatabase(observed);
  const [sign] = signsOf(isWithout ? { ...observed, keyRecords: [], registered: [] } : observed, createdAt, context);
  if (sign === undefined) {
    const none = judged('fails', 'nothing of it is older', [organization]);
    return isWithout ? regardless(none, 'keyRecords', 'registered') : regardless(none, 'states');
  }
  const text = `its row states that it was created ${instantText(createdAt)}, and ${sign.text}`;
  return regardless(judged('holds', text, [organization, sign.observation]), 'states');
}

/** True where no database was made for it yet, which could hold anything old. */
function isWithoutDatabase({ rows, states }: Observed<typeof SIGNS_OF_AGE>): boolean {
  return rows.length === 0 || (states.length > 0 && states.every(({ value }) => !value.exists));
}

function signsOf(
  { rows, runs, tests, keyRecords, registered }: Observed<typeof SIGNS_OF_AGE>,
  createdAt: Instant,
  context: JudgeContext,
): readonly Sign[] {
  const tolerance = context.limit('clockToleranceMinutes').value * MINUTE;
  const isBefore = (instant: Instant) => toMillis(instant) + tolerance < toMillis(createdAt);
  const longest =
    Math.max(context.limit('firstCopyHours').value, context.limit('provisioningHours', 'tenant-database').value) * HOUR;
  const isOld = (instant: Instant) => toMillis(instant) + longest < toMillis(context.asOf);
  return [
    ...runs
      .filter(({ value }) => isBefore(value.startedAt))
      .map((run) => ({ text: `a backup run of it started ${instantText(run.value.startedAt)}`, observation: run })),
    ...tests
      .filter(({ value }) => isBefore(value.performedAt))
      .map((test) => ({ text: `its restore was tested ${instantText(test.value.performedAt)}`, observation: test })),
    ...keyRecords
      .filter(({ value }) => isBefore(value.createdAt) && isOld(value.createdAt))
      .map((record) => ({
        text: `its database holds a key version of ${instantText(record.value.createdAt)}`,
        observation: record,
      })),
    ...registered
      .filter(({ subject, value: { after, count } }) => {
        if (after === BEFORE_ALL || !isBefore(after) || !isOld(after)) return false;
        return registered.some(
          (all) => all.subject.key === subject.key && all.value.after === BEFORE_ALL && all.value.count > count,
        );
      })
      .map((one) => ({
        text: `its database lists files of before ${instantText(one.value.after)}`,
        observation: one,
      })),
    ...rows.flatMap((row): readonly Sign[] => {
      const made = row.value.createdAt;
      if (made === null || !isBefore(made) || !isOld(made)) return [];
      return [{ text: `its database was made ${instantText(made)}`, observation: row }];
    }),
  ];
}
