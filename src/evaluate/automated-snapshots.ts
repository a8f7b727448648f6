import type { JudgeContext, Judgement, Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { DAY, toMillis } from '../model/instant.ts';
import { agedText } from '../model/text.ts';
import { allOf, truthOf } from './conclude.ts';
import { judged } from './define-control.ts';
import { namesText } from './names-text.ts';

type Schedule = NonNullable<Facts['provider-state']['automatedSnapshots']>[number];

/**
 * What Vault says of the snapshots that it takes by itself, beside what is found of them. A success that it tells of
 * proves no snapshot, so it can only take away. Null where no schedule is named to the audit.
 */
export function judgeAutomated(provider: Observation<'provider-state'>, context: JudgeContext): Judgement | null {
  const schedules = provider.value.automatedSnapshots ?? [];
  if (schedules.length === 0) return null;
  const limit = context.limit('snapshotMaxAgeDays');
  const oldest = toMillis(context.asOf) - limit.value * DAY;
  const each = schedules.map((schedule) => ({ schedule, ...lastOf(schedule, oldest, context, limit.text) }));
  const truth = allOf(each.map((one) => one.truth));
  if (truth === 'holds') {
    const names = namesText(schedules.map(({ name }) => name));
    return judged('holds', `Vault tells of no failure of its automated snapshots (${names})`, [provider], limit);
  }
  const because = each.filter((one) => one.truth === truth).map((one) => one.because);
  return judged(truth, because.join('; '), [provider], limit);
}

function lastOf(
  { name, untold, failed, lastEndedAt }: Schedule,
  oldest: number,
  { asOf }: Pick<JudgeContext, 'asOf'>,
  limit: string,
): Pick<Judgement, 'truth' | 'because'> {
  const what = `the automated snapshots of schedule ${name}`;
  if (untold !== null) return { truth: 'unknown', because: `nothing is told of ${what}: ${untold}` };
  if (failed === true) return { truth: 'fails', because: `the last of ${what} failed, as Vault says` };
  if (lastEndedAt === null) return { truth: 'unknown', because: `Vault tells of none of ${what} yet` };
  const truth = truthOf(toMillis(lastEndedAt) >= oldest);
  return { truth, because: `the last of ${what} is of ${agedText(lastEndedAt, asOf)}, and ${limit} is the limit` };
}

/** Both at once: the worse decides, and who decides is told. */
export function joinedWith(one: Judgement, other: Judgement | null): Judgement {
  if (other === null) return one;
  const truth = allOf([one.truth, other.truth]);
  const deciding = [one, other].filter((judgement) => judgement.truth === truth);
  return judged(
    truth,
    deciding.map(({ because }) => because).join('; '),
    deciding.flatMap(({ cites }) => cites),
    deciding.find(({ limit }) => limit !== undefined)?.limit,
  );
}
