import type { Control, Judgement, Need, Needs, Observation, Part, Truth } from '../model/control.ts';
import type { FactKind } from '../model/facts.ts';
import type { Limit } from '../model/policy.ts';

/** Ties a part's judge to the needs it declares, then forgets the types, so that a registry is a plain array. */
export function part<const N extends Needs>(definition: Part<N>): Part {
  return definition as unknown as Part;
}

/** A need; exists so that the kind of fact is inferred. */
export function need<const K extends FactKind>(
  fact: K,
  of: Need['of'],
  polarity: Need['polarity'],
  options: Omit<Need, 'fact' | 'of' | 'polarity'> = {},
): Need<K> {
  return { fact, of, polarity, ...options };
}

export function defineControl(control: Control): Control {
  return control;
}

/** A judgement in one call. */
export function judged(truth: Truth, because: string, cites: readonly Observation[] = [], limit?: Limit): Judgement {
  return limit === undefined ? { truth, because, cites } : { truth, because, cites, limit };
}

/** An unknown for want of what was to be looked at: why that was not seen is told with it, where that is known. */
export function unseen(because: string): Judgement {
  return { ...judged('unknown', because), isUnseen: true };
}

/**
 * The same judgement, whose reason is told beside that of an alternative that leaves the control open.
 *
 * @param besideBlind what is told instead where nobody could look for what its reason says is not there
 */
export function toldBeside(judgement: Judgement, besideBlind?: NonNullable<Judgement['besideBlind']>): Judgement {
  return { ...judgement, toldBeside: true, ...(besideBlind === undefined ? {} : { besideBlind }) };
}

/** The same judgement, which the named needs could change only by what they hold of the subjects with these keys. */
export function onlyAbout(judgement: Judgement, needs: readonly string[], subjects: ReadonlySet<string>): Judgement {
  return { ...judgement, onlyAbout: { needs, subjects } };
}

/** The same judgement, which the named needs could not change whatever they held. */
export function regardless(judgement: Judgement, ...needs: readonly string[]): Judgement {
  return { ...judgement, regardlessOf: [...(judgement.regardlessOf ?? []), ...needs] };
}
