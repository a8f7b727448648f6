import type { JudgeContext, Judgement, Observed } from '../../model/control.ts';
import { type Instant, toMillis } from '../../model/instant.ts';
import { instantText } from '../../model/text.ts';
import { anyOf, truthOf } from '../conclude.ts';
import { latestCredible } from '../copies.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { filesAgree } from '../files-agree.ts';
import { pastFirstCopyGrace } from '../first-copy.ts';
import { exceptOtherWays } from '../other-ways.ts';
import { installDatabases } from '../recovery-databases.ts';
import { exceptLostStores, fileCopiesOf, isLiveStoreLost, liveStoreSurvives } from '../recovery-files.ts';
import { INSTALL_DATABASE, INSTALL_KEYS, ORGANIZATION, OWN_FILES, OWN_KEYS } from '../recovery-needs.ts';
import { POINT_NEEDS, type PointFacts } from '../recovery-point.ts';
import { chosenSources, openableOwn } from '../recovery-sources.ts';

const CHANGE_NEEDS = {
  ...INSTALL_DATABASE,
  organizations: ORGANIZATION,
  bindings: need('storage-binding', 'organization', 'either', { leastGrade: 'declared' }),
  keyrings: need('keyring', 'organization', 'either'),
  databases: need('tenant-database', 'organization', 'either'),
} as const;

/** REC-3: the parts that would be restored belong together. */
export const rec3 = defineControl({
  id: 'REC-3',
  title: 'The parts that would be restored agree',
  failureTitle: 'The parts that would be restored do not agree',
  severity: 'high',
  bears: 'recovery',
  subject: 'organization',
  rationale:
    'An install database from before a change of keys or storage opens the organization with the old ones; files older than the database are broken links.',
  remediation:
    'Dump the install database after every change to an organization, and copy the files before the tenant database: recoverage scan shows the moments chosen.',
  limits: ['fileSkewMinutes'],
  applies: pastFirstCopyGrace,
  combine: 'all',
  parts: [
    part({
      name: 'the install database knows the latest change',
      needs: CHANGE_NEEDS,
      judge(observed: Observed<typeof CHANGE_NEEDS>, context) {
        const changes = changesOf(observed);
        const yetToCome = changes.find(({ at }) => toMillis(at) > latestCredible(context.asOf));
        const change = latest(changes.filter((one) => toMillis(one.at) <= latestCredible(context.asOf)));
        if (change === null) return judged('unknown', 'nothing tells when the install database last changed about it');
        const [database] = installDatabases(observed, observed.organizations[0]?.value, context);
        const truths = (database?.sources ?? []).map((source) => {
          if (source.truth !== 'holds' || source.moment === null) return source.truth === 'fails' ? 'fails' : 'unknown';
          if (source.moment.notBefore >= change.at) return 'holds';
          return source.moment.notAfter >= change.at ? 'unknown' : truthOf(false);
        });
        const truth = anyOf(truths);
        const chosen = database?.sources[truths.indexOf(truth)];
        const what = `its last recorded change, ${change.what} on ${instantText(change.at)}`;
        const cites = chosen?.cites ?? [];
        if (truth !== 'fails' && yetToCome !== undefined) return judged('unknown', yetToComeText(yetToCome), cites);
        if (truth === 'holds') return judged('holds', `the install database would know ${what}`, cites);
        if (truth === 'unknown')
          return judged('unknown', `it is not known whether a usable copy of the install database has ${what}`, cites);
        return judged('fails', `no usable copy of the install database has ${what}`, cites);
      },
    }),
    part({
      name: 'the files are not older than the database',
      needs: POINT_NEEDS,
      judge(observed: Observed<typeof POINT_NEEDS>, context) {
        return exceptLostStores(exceptOtherWays(judgeFiles(observed, context), observed), observed, context);
      },
    }),
  ],
});

function judgeFiles(observed: PointFacts, context: JudgeContext): Judgement {
  const stores = observed.bindings.filter(({ value }) => value.state === 'active');
  if (stores.some(({ value }) => areFilesGone(observed, value.bindingId, context))) {
    return regardless(judged('fails', 'no copy of its files would be there to go with its database'), ...BESIDE_FILES);
  }
  const databases = openableOwn(observed, context);
  if (databases.some((sources) => sources.every((one) => one.truth === 'fails'))) {
    return judged('fails', 'no copy of its database could be restored and opened, so no parts agree');
  }
  const [chosen] = chosenSources(databases);
  const moment = chosen?.source.moment ?? null;
  if (moment === null) return judged('unknown', 'it is not known which copy of its database would be restored');
  if (stores.length === 0) return judged('unknown', 'no storage binding tells where its files are');
  const agreed: Judgement[] = [];
  for (const { value } of stores) {
    const agreement = filesAgree(observed, value.bindingId, moment.notAfter, context);
    if (agreement.truth === 'fails') return ofLaterCopiesToo(agreement, observed);
    if (agreement.truth !== 'holds') return agreement;
    agreed.push(agreement);
  }
  const because = agreed.map((one) => one.because).join('; ');
  const cites = [...(chosen?.source.cites ?? []), ...agreed.flatMap((one) => one.cites)];
  const holds = judged('holds', because, cites, agreed.find(({ limit }) => limit !== undefined)?.limit);
  // Where the files outlive the loss or a copy of them agrees, that is brought back, whatever other copies there may be.
  return regardless(holds, 'fileCopies');
}

/** What opens a database's copies, and these themselves, bring no files back. */
const BESIDE_FILES = Object.keys(POINT_NEEDS).filter((name) => !(name in OWN_FILES));
/** Of these more brings at most a later copy of the database back, beside which more files are missing. */
const WAYS_TO_KEYS = Object.entries({ ...OWN_KEYS, ...INSTALL_KEYS }).flatMap(([name, { polarity }]) =>
  polarity === 'more-helps' ? [name] : [],
);

/** The same failing; where the keys are there, further ways to have them back could not change it. */
function ofLaterCopiesToo(fails: Judgement, { keyStates, installKeyStates }: PointFacts): Judgement {
  const areThere = [...keyStates, ...installKeyStates].every(({ value }) => value.state !== 'missing');
  return areThere ? regardless(fails, ...WAYS_TO_KEYS) : fails;
}

/** True where no files would be there, whichever copy of the database is restored. */
function areFilesGone(observed: PointFacts, store: string, context: JudgeContext): boolean {
  const isLost = !liveStoreSurvives(observed, store, context) && isLiveStoreLost(observed, store, context);
  return isLost && fileCopiesOf(observed, store, context).every((one) => one.counts === 'fails');
}

interface Change {
  readonly at: Instant;
  readonly what: string;
}

/** A record with such a time was written before it, and every copy is older than that. */
function yetToComeText({ at, what }: Change): string {
  return `the install database records ${what} on ${instantText(at)}, which is yet to come, so nothing tells which copies have that record: see the row and the clocks (RUN-2)`;
}

/** The changes that the live install database records about the organization. */
function changesOf(observed: Observed<typeof CHANGE_NEEDS>): readonly Change[] {
  const changes: readonly { readonly at: Instant | null; readonly what: string }[] = [
    ...observed.organizations.map(({ value }) => ({ at: value.createdAt, what: 'its creation' })),
    ...observed.databases.map(({ value }) => ({ at: value.createdAt, what: 'a new tenant database' })),
    ...observed.bindings.map(({ value }) => ({ at: value.activatedAt, what: 'a new storage binding' })),
    ...observed.keyrings.flatMap(({ value }) => [
      { at: value.rotatedAt, what: 'a key rotation' },
      { at: value.providerConfiguredAt, what: 'a change of its key provider' },
    ]),
  ];
  return changes.flatMap(({ at, what }) => (at === null ? [] : [{ at, what }]));
}

function latest(changes: readonly Change[]): Change | null {
  return changes.reduce<Change | null>(
    (found, change) => (found === null || change.at > found.at ? change : found),
    null,
  );
}
