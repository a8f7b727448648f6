import type { Status } from '../../../model/finding.ts';
import type { ChainLink, Verdict } from '../../../model/report.ts';
import { chainStateWord, SHOWN_PLANE_WORDS, type ShownPlane, STATUS_WORDS, verdictWord } from '../../wording/words.ts';

/** A state as a word with a shape and a colour: the word says it all, the shape helps to find it, the colour adds nothing. */
export interface Mark {
  readonly word: string;
  readonly shape: 'good' | 'bad' | 'risk' | 'unknown' | 'waived' | 'none';
  readonly tone: 'good' | 'bad' | 'risk' | 'unknown' | 'none';
}

type Look = Pick<Mark, 'shape' | 'tone'>;
const GOOD: Look = { shape: 'good', tone: 'good' };
const BAD: Look = { shape: 'bad', tone: 'bad' };
const RISK: Look = { shape: 'risk', tone: 'risk' };
const UNKNOWN: Look = { shape: 'unknown', tone: 'unknown' };
const WAIVED: Look = { shape: 'waived', tone: 'risk' };
const NONE: Look = { shape: 'none', tone: 'none' };

const VERDICT_LOOKS: Readonly<Record<Verdict, Look>> = {
  recoverable: GOOD,
  'at-risk': RISK,
  unknown: UNKNOWN,
  'not-recoverable': BAD,
};
const PLANE_LOOKS: Readonly<Record<ShownPlane, Look>> = {
  ok: GOOD,
  gap: BAD,
  unknown: UNKNOWN,
  'not-applicable': NONE,
  due: NONE,
};
const STATUS_LOOKS: Readonly<Record<Status, Look>> = {
  pass: GOOD,
  fail: BAD,
  unknown: UNKNOWN,
  waived: WAIVED,
  'not-applicable': NONE,
};

export function verdictMark(verdict: Verdict | null): Mark {
  return { word: verdictWord(verdict), ...(verdict === null ? NONE : VERDICT_LOOKS[verdict]) };
}

export function planeMark(state: ShownPlane): Mark {
  return { word: SHOWN_PLANE_WORDS[state], ...PLANE_LOOKS[state] };
}

export function chainMark(link: ChainLink): Mark {
  return { word: chainStateWord(link), ...PLANE_LOOKS[link.state] };
}

export function statusMark(status: Status): Mark {
  return { word: STATUS_WORDS[status], ...STATUS_LOOKS[status] };
}
