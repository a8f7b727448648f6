import type { JudgeContext, Observation } from '../model/control.ts';
import { counted, instantText } from '../model/text.ts';
import type { NeededVersion } from './keys.ts';
import { copiesNeeding, type ProtectionFacts } from './protected-copies.ts';

/**
 * Which copies need a version, as a clause: `needed by 3 copies, from 2026-01-01 02:00 UTC to 2026-01-03 02:00 UTC`. Moments
 * are the earliest that each copy can be consistent as of, as its age is.
 */
export function neededByText(version: NeededVersion, facts: ProtectionFacts, context: JudgeContext): string {
  const needing = copiesNeeding(version, facts, context);
  const certain = needing.filter(({ certainty }) => certainty === 'holds').map(({ copy }) => copy);
  const others = needing.filter(({ certainty }) => certainty !== 'holds').map(({ copy }) => copy);
  if (certain.length === 0) return `it may be needed by ${copiesText(others)}`;
  const more = others.length === 0 ? '' : `, and perhaps by ${copiesText(others)}`;
  return `needed by ${copiesText(certain)}${more}`;
}

function copiesText(copies: readonly Observation<'copy'>[]): string {
  const moments = copies.flatMap(({ value }) => value.moment?.notBefore ?? []).sort();
  const [first] = moments;
  const last = moments.at(-1);
  const count = counted(copies.length, 'copy', 'copies');
  if (first === undefined || last === undefined) return `${count} of unknown moment`;
  const undated = copies.length - moments.length;
  const range =
    moments.length === 1 ? `of ${instantText(first)}` : `from ${instantText(first)} to ${instantText(last)}`;
  return `${count}, ${range}${undated === 0 ? '' : ` (${undated} of unknown moment)`}`;
}
