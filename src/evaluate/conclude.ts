import type { Polarity, Truth } from '../model/control.ts';

/**
 * The one place where missing evidence meets a verdict. With blind spots, holds stays only if all of them touch
 * needs to which another observation could only help, and fails stays only if all touch needs to which another
 * could only hurt; everything else is unknown.
 *
 * @param truth what the observations seen say
 * @param blindPolarities polarities of the needs that have a blind spot
 */
export function conclude(truth: Truth, blindPolarities: readonly Polarity[]): Truth {
  if (truth === 'holds' && blindPolarities.every((polarity) => polarity === 'more-helps')) return 'holds';
  if (truth === 'fails' && blindPolarities.every((polarity) => polarity === 'more-hurts')) return 'fails';
  return 'unknown';
}

/** Three-valued conjunction: one failing part decides, whatever else is unknown. */
export function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes('fails')) return 'fails';
  return truths.includes('unknown') ? 'unknown' : 'holds';
}

/** Three-valued alternative: one holding part decides, whatever else is unknown. */
export function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes('holds')) return 'holds';
  return truths.includes('unknown') ? 'unknown' : 'fails';
}

/** A plain condition as a truth. */
export function truthOf(condition: boolean): Truth {
  return condition ? 'holds' : 'fails';
}
