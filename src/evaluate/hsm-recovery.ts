import type { JudgeContext, Judgement, Observation } from '../model/control.ts';
import { instantText } from '../model/text.ts';
import { type FirstUse, inUseBy, notInUseText } from './attested-since.ts';
import { judged, regardless } from './define-control.ts';
import { holdsKey, peerApart, peerDatesText } from './key-peers.ts';

/** What KEY-5 asks of an HSM: a peer that holds the same keys, or an export by the method of its maker. */
interface HsmFacts {
  readonly peers: readonly Observation<'provider-peer'>[];
  readonly exports: readonly Observation<'declaration'>[];
  readonly providerDomains: readonly Observation<'failure-domain'>[];
}

interface HsmKeyFacts {
  readonly peers: readonly Observation<'key-peer'>[];
  /** Statements about the key, and about its whole HSM. */
  readonly exports: readonly Observation<'declaration'>[];
  readonly exportsOfAll: readonly Observation<'declaration'>[];
}

/** A peer that answers and stands apart, or an export that somebody attests. */
export function judgeHsm({ peers, exports, providerDomains }: HsmFacts): Judgement {
  const domains = providerDomains.map(({ value }) => value);
  const looked = peers.map((seen) => ({ seen, truth: peerApart(seen.value, domains) }));
  const apart = looked.find(({ truth }) => truth === 'holds');
  if (apart !== undefined) {
    const text = `${apart.seen.value.peer}, its peer, answers and stands apart from it`;
    return regardless(judged('holds', text, [apart.seen]), 'exports');
  }
  const [exported] = exports;
  if (exported !== undefined) {
    return regardless(judged('holds', exportText(exported), [exported]), 'peers', 'providerDomains');
  }
  const unclear = looked.find(({ truth }) => truth === 'unknown');
  if (unclear !== undefined) {
    const text = `${unclear.seen.value.peer}, its peer, answers, and it is not known whether it stands apart: state failureDomain of the provider and of its peer`;
    return judged('unknown', text, [unclear.seen]);
  }
  const [beside] = peers;
  if (beside === undefined) {
    const text = 'no peer of it is declared and answers, and nobody attests that its keys were exported';
    return regardless(judged('fails', text), 'providerDomains');
  }
  return judged(
    'fails',
    `${beside.value.peer}, its peer, stands in its own failure domain, and nobody attests that its keys were exported`,
    [beside],
  );
}

/** The key itself: peers are given keys one by one, and an export holds the keys of its day. */
export function judgeHsmKey(
  { peers, exports, exportsOfAll }: HsmKeyFacts,
  first: FirstUse,
  { asOf }: Pick<JudgeContext, 'asOf'>,
): Judgement {
  const held = peers.find(({ value }) => holdsKey(value) === 'holds');
  if (held !== undefined) {
    const text = `${held.value.peer} holds it, too: ${held.value.because}${peerDatesText(held.value, asOf)}`;
    return regardless(judged('holds', text, [held]), 'exports', 'exportsOfAll', 'records');
  }
  const exported = inUseBy(exports, first) ?? inUseBy(exportsOfAll, { ...first, isUnlessRecorded: false });
  if (exported !== undefined) {
    const text = first.since === null ? exportText(exported) : `${exportText(exported)}; the key was in use by then`;
    return regardless(judged('holds', text, [exported]), 'peers', 'exports', 'exportsOfAll');
  }
  const [undated] = [...exports, ...exportsOfAll];
  if (undated !== undefined) {
    const text = `${exportText(undated)}, and ${notInUseText(first)}: whether the export holds it is not known`;
    return judged('unknown', text, [undated]);
  }
  const named = peers.find(({ value }) => holdsKey(value) === 'unknown');
  if (named !== undefined) return judged('unknown', `${named.value.peer}: ${named.value.because}`, [named]);
  const [without] = peers;
  const peer = without === undefined ? 'no peer holds it' : `${without.value.peer}: ${without.value.because}`;
  const text = `${peer}, and nobody attests that it was exported`;
  return regardless(judged('fails', text, without === undefined ? [] : [without]), 'records');
}

function exportText({ value }: Observation<'declaration'>): string {
  return `${value.owner} attested on ${instantText(value.date).slice(0, 10)} that the keys were exported by the method of the maker`;
}
