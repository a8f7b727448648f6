import type { JudgeContext, Judgement, Observation, Observed, Truth } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import { counted } from '../model/text.ts';
import { allOf, anyOf } from './conclude.ts';
import { judged, regardless } from './define-control.ts';
import { judgeEmpty } from './empty-store.ts';
import { survives } from './failure-domains.ts';
import { fileCopyText, heldText, type JudgedFileCopy, judgeFileCopies, whyNot } from './files.ts';
import type { Reasoned } from './recovery-key-facts.ts';
import type { OWN_FILES } from './recovery-needs.ts';
import { aboutSubject, remembered } from './remembered.ts';
import { keysOfStore, type StoreKeyFacts, type StoreKeyNode, storeKeyNodes } from './store-keys.ts';
import { S3 } from './store-needs.ts';

type FileFacts = Observed<typeof OWN_FILES>;

/** Whether every active store's files would be back: the live store outlives the loss, or a complete copy does. */
export function judgeFilesBack(facts: FileFacts, context: JudgeContext): Judgement {
  const active = facts.bindings.filter(({ value }) => value.state === 'active');
  if (active.length === 0) return judged('unknown', 'no storage binding tells where the files are', facts.bindings);
  const ways = active.map((binding) => storeBack(facts, binding.value.bindingId, context));
  const truth = allOf(ways.map((way) => way.truth));
  const deciding = ways.filter((way) => way.truth === truth);
  const judgement = judged(
    truth,
    deciding.map((way) => way.because).join('; '),
    deciding.flatMap((way) => way.cites),
  );
  return unlessLive(judgement, facts, context);
}

/** The same judgement: what the databases list could change it only where a live store holds nothing. */
export function unlessEmpty(judgement: Judgement, { stores }: Pick<FileFacts, 'stores'>): Judgement {
  return stores.some(({ value }) => value.empty === true) ? judgement : regardless(judgement, 'artifactCounts');
}

/** Likewise, where copies alone bring files back: of a live store that is lost nothing could change it. */
export function unlessLive(judgement: Judgement, facts: FileFacts, context: JudgeContext): Judgement {
  if (!isEachStoreLost(facts, context)) return unlessEmpty(judgement, facts);
  return regardless(exceptLostStores(judgement, facts, context), 'artifactCounts');
}

/** The same judgement, which what a live store shows could not change where that is not known to outlive the loss. */
export function exceptLostStores(
  judgement: Judgement,
  facts: Pick<FileFacts, 'bindings' | 'storeDomains'>,
  context: JudgeContext,
): Judgement {
  return isEachStoreLost(facts, context) ? regardless(judgement, 'stores', 'storeCustody', 'storeKeys') : judgement;
}

function isEachStoreLost(
  { bindings, storeDomains }: Pick<FileFacts, 'bindings' | 'storeDomains'>,
  context: JudgeContext,
): boolean {
  return bindings
    .filter(({ value }) => value.state === 'active')
    .every(({ value }) => survivalOf(storeDomains, value.bindingId, context) !== 'holds');
}

function survivalOf(storeDomains: FileFacts['storeDomains'], key: string, { policy }: JudgeContext): Truth {
  const domains = ofStore(storeDomains, key);
  return survives(
    domains.map(({ value }) => value),
    policy.loss,
  );
}

function storeBack(facts: FileFacts, key: string, context: JudgeContext): Reasoned {
  const live = liveStore(facts, key, context);
  if (live.truth === 'holds') return live;
  const copies = fileCopiesOf(facts, key, context);
  const truth = anyOf(copies.map((copy) => copy.counts));
  const chosen = copies.find((copy) => copy.counts === truth);
  const cites = chosen === undefined ? [] : [chosen.observation];
  if (truth === 'holds') return { truth, because: chosen === undefined ? 'a copy' : heldText(chosen), cites };
  if (live.truth === 'unknown' && truth === 'fails') return live;
  const newest = chosen ?? copies[0];
  if (
    newest === undefined &&
    facts.stores.some((state) => live.cites.includes(state) && state.value.lost !== undefined)
  ) {
    return live;
  }
  if (newest === undefined)
    return { truth: 'fails', because: 'no backup set outside the lost failure domain holds the files', cites: [] };
  return { truth, because: `${fileCopyText(newest)}: ${whyNot(newest)}`, cites };
}

interface LiveStore extends Reasoned {
  /** Present where it is there, and whether a key that opens it is, is not known. */
  readonly awaitsKey?: true;
}

/** Asked for every part of the recovery question, and for every copy of a database. */
const liveStore: typeof liveStoreNow = remembered(
  ({ storeDomains, stores, artifactCounts, storeCustody, storeKeys }, key, { policy, asOf }) => [
    artifactCounts,
    storeDomains,
    stores,
    storeCustody,
    storeKeys,
    key,
    policy,
    asOf,
  ],
  liveStoreNow,
);

function liveStoreNow(facts: FileFacts, key: string, context: JudgeContext): LiveStore {
  const outlives = survivalOf(facts.storeDomains, key, context);
  const state = ofStore(facts.stores, key)[0];
  if (outlives !== 'holds' || state === undefined || !state.value.exists) {
    // A store of unknown domain needs a copy as if it were lost; with none it is unknown, not lost.
    const truth = outlives === 'unknown' ? 'unknown' : 'fails';
    const because =
      outlives === 'unknown'
        ? 'it is not known whether the store outlives the loss: state its failure domain'
        : 'the store is lost with the host';
    return { truth, because, cites: state === undefined ? [] : [state] };
  }
  if (state.value.empty === true) {
    const empty = judgeEmpty(state, facts.artifactCounts);
    if (empty.truth !== 'holds') return { truth: empty.truth, because: empty.because, cites: empty.cites };
  }
  const keys = keysOfStore(storeKeyFacts(facts, key), context.policy.loss, context.asOf);
  if (keys.isGone) return { truth: 'fails', because: keys.because, cites: [state, ...keys.cites] };
  const lossy = lossOf(state);
  if (lossy !== null) return lossy;
  // What nobody tells of who holds its keys leaves it as it is; that is for others to say.
  if (keys.truth === 'unknown' && !keys.isUntold) {
    return { truth: 'unknown', because: keys.because, cites: [state, ...keys.cites], awaitsKey: true };
  }
  const because = 'the store stands outside the lost failure domain';
  if (keys.truth !== 'fails') return { truth: 'holds', because, cites: [state] };
  return { truth: 'holds', because: `${because}; ${keys.because}`, cites: [state, ...keys.cites] };
}

/**
 * A live store that lost most of what is drawn; null of others: what little is gone is gone before any loss, and FILE-8 tells
 * it. Old versions in a bucket may hold what is not there by its name; of a directory, most files being gone is its loss.
 */
function lossOf(state: FileFacts['stores'][number]): Reasoned | null {
  const { kind, lost } = state.value;
  if (lost === undefined) return null;
  const { drawn, missing, differs } = lost;
  if ((missing + differs) * 2 <= drawn) return null;
  const lacks = [
    ...(missing === 0 ? [] : [`${missing} ${missing === 1 ? 'is' : 'are'} not there`]),
    ...(differs === 0 ? [] : [`${differs} ${differs === 1 ? 'is' : 'are'} of another size or checksum`]),
  ];
  const what = `the store stands outside the lost failure domain, and of ${counted(drawn, 'file')} drawn that the database lists ${lacks.join(', ')}`;
  if (kind !== S3 && missing * 2 > drawn) return { truth: 'fails', because: what, cites: [state] };
  const hint = kind === S3 ? ': whether old versions hold them was not looked at' : '';
  return { truth: 'unknown', because: `${what}${hint}`, cites: [state] };
}

function storeKeyFacts({ storeCustody, storeKeys }: FileFacts, key: string): StoreKeyFacts {
  return { custody: ofStore(storeCustody, key), keyStates: ofStore(storeKeys, key) };
}

/** Copies of one store's files, newest first. */
export function fileCopiesOf(facts: FileFacts, key: string, context: JudgeContext): readonly JudgedFileCopy[] {
  return judgeFileCopies(ofStore(facts.fileCopies, key), facts.locationDomains, context.policy.loss, context.asOf);
}

/** One way to have the files of a store back. */
export interface FileSource {
  /** Null for the live store. */
  readonly location: string | null;
  readonly truth: Truth;
  /** When the copy was made; absent of the live store. */
  readonly writtenAt?: Instant;
  /** What else must be had before they can be read. */
  readonly keys?: readonly StoreKeyNode[];
}

/** Ways to have the files of every active store back, by the id of its binding: the live store (location null) and copies. */
export function fileSources(facts: FileFacts, context: JudgeContext): ReadonlyMap<string, readonly FileSource[]> {
  const active = facts.bindings.filter(({ value }) => value.state === 'active');
  return new Map(
    active.map(({ value: { bindingId } }) => [
      bindingId,
      [
        {
          location: null,
          truth: besidesKeys(liveStore(facts, bindingId, context)),
          keys: storeKeyNodes(bindingId, storeKeyFacts(facts, bindingId), context.policy.loss, context.asOf),
        },
        ...fileCopiesOf(facts, bindingId, context).map(({ observation, counts }) => ({
          location: observation.value.location,
          writtenAt: observation.value.moment,
          truth: counts,
        })),
      ],
    ]),
  );
}

/** Its keys are needs of their own. */
function besidesKeys({ truth, awaitsKey }: LiveStore): Truth {
  return awaitsKey === true ? 'holds' : truth;
}

/** True where the live store itself outlives the loss, so that its files are of now. */
export function liveStoreSurvives(facts: FileFacts, key: string, context: JudgeContext): boolean {
  return liveStore(facts, key, context).truth === 'holds';
}

/** True where the live store is certainly lost; one of unknown domain may be there. */
export function isLiveStoreLost(facts: FileFacts, key: string, context: JudgeContext): boolean {
  return liveStore(facts, key, context).truth === 'fails';
}

function ofStore<O extends Observation>(list: readonly O[], key: string): readonly O[] {
  return aboutSubject(list, key);
}
