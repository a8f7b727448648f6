import type { JudgeContext, Judgement, Observed, Truth } from '../../model/control.ts';
import type { Moment } from '../../model/facts.ts';
import { HOUR, type Instant, toMillis } from '../../model/instant.ts';
import { agedText } from '../../model/text.ts';
import { allOf, anyOf } from '../conclude.ts';
import { defineControl, judged, part, regardless } from '../define-control.ts';
import { pastFirstCopyGrace } from '../first-copy.ts';
import { exceptOtherWays } from '../other-ways.ts';
import { exceptLostStores } from '../recovery-files.ts';
import { INSTALL_DATABASE, OWN_DATABASE } from '../recovery-needs.ts';
import { isFilesPointSettled, POINT_NEEDS, type PointFacts, pointOf } from '../recovery-point.ts';
import { COPY_NEED_NAMES, type OpenableSource, openableOwn } from '../recovery-sources.ts';

/** REC-2: the moment to which it would come back lies within the recovery point objective. */
export const rec2 = defineControl({
  id: 'REC-2',
  title: 'It would come back to a recent moment',
  failureTitle: 'It would come back only to an old moment',
  severity: 'critical',
  bears: 'recovery',
  subject: ['organization', 'install'],
  rationale: 'Everything after the recovery point is lost, however fresh a copy that cannot be used is.',
  remediation:
    'Make the copies that outlive the loss as frequent as the objective asks: copy every dump to another failure domain as soon as it is complete.',
  limits: ['databaseRpoHours', 'fileSkewMinutes'],
  applies: pastFirstCopyGrace,
  combine: 'all',
  parts: [
    part({
      name: 'recovery point',
      needs: POINT_NEEDS,
      judge(observed: Observed<typeof POINT_NEEDS>, context) {
        const judgement = exceptLostStores(exceptOtherWays(judgePoint(observed, context), observed), observed, context);
        // The install database lists no files.
        return context.subject.organizationId === null ? regardless(judgement, 'artifactCounts') : judgement;
      },
    }),
  ],
});

/** Whether a moment is not before `since`; unknown where that falls inside the interval. */
function isRecent(moment: Moment | null, since: number): Truth {
  if (moment === null) return 'unknown';
  if (toMillis(moment.notBefore) >= since) return 'holds';
  return toMillis(moment.notAfter) >= since ? 'unknown' : 'fails';
}

function judgePoint(observed: PointFacts, context: JudgeContext): Judgement {
  const limit = context.limit('databaseRpoHours');
  const now = toMillis(context.asOf);
  const point = pointOf(observed, context);
  if (point !== null && now - toMillis(point) <= limit.value * HOUR) {
    const holds = judged(
      'holds',
      `its database would come back to ${agedText(point, context.asOf)}; the limit is ${limit.text}`,
      [],
      limit,
    );
    const settled = isFilesPointSettled(observed, context) ? ['fileCopies'] : [];
    return regardless(holds, ...COPY_NEED_NAMES, ...settled);
  }
  // A copy that may count and is recent may still bring it back to a recent moment.
  const possible = allOf(
    openableOwn(observed, context).map((sources) =>
      anyOf(
        sources.map((one) => {
          return allOf([one.truth, isRecent(one.source.moment, now - limit.value * HOUR)]);
        }),
      ),
    ),
  );
  const cites = openableOwn(observed, context).flatMap((sources) => sources[0]?.source.cites ?? []);
  if (possible !== 'fails' && point === null) {
    return judged('unknown', 'no copy is certain to bring it back, so the moment is not known', cites, limit);
  }
  if (possible === 'unknown') {
    return judged(
      'unknown',
      `its database would come back to ${agedText(point ?? context.asOf, context.asOf)}, perhaps to a later moment`,
      cites,
      limit,
    );
  }
  const newest = newestIfOld(openableOwn(observed, context), now - limit.value * HOUR);
  const moment = point ?? newest;
  const text =
    moment === null
      ? `no copy brings its database back; the limit is ${limit.text}`
      : `its database would come back to ${agedText(moment, context.asOf)}${point === null ? ' at most' : ''}; the limit is ${limit.text}`;
  const fails = judged('fails', text, cites, limit);
  return newest === null ? fails : regardless(fails, ...BESIDE_COPIES);
}

/** What opens copies, and copies of the files, make none of them newer. */
const OF_DATABASES: Readonly<Record<string, unknown>> = { ...OWN_DATABASE, ...INSTALL_DATABASE, organizations: true };
const BESIDE_COPIES = Object.keys(POINT_NEEDS).filter((name) => OF_DATABASES[name] === undefined);

/** When the newest copy of a database was taken of which every copy is too old; null where there is no such database. */
function newestIfOld(databases: readonly (readonly OpenableSource[])[], since: number): Instant | null {
  const old = databases.filter(
    (sources) => sources.length > 0 && sources.every(({ source }) => isRecent(source.moment, since) === 'fails'),
  );
  const newest = old.map((sources) =>
    sources
      .flatMap(({ source }) => source.moment?.notAfter ?? [])
      .sort()
      .at(-1),
  );
  return newest.flatMap((moment) => moment ?? []).sort()[0] ?? null;
}
