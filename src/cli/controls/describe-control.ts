import { installLimit } from '../../evaluate/limits.ts';
import { CONTROLS } from '../../evaluate/registry.ts';
import type { Control, Part } from '../../model/control.ts';
import { LIMIT_DEFAULTS, policySchema } from '../../model/policy.ts';
import { NOT_BUILT } from '../../report/not-evaluated.ts';

/** One question of a control, as the catalogue prints it. */
export interface DescribedNeed {
  readonly name: string;
  /** Kind of fact that is looked at. */
  readonly fact: string;
  /** Whose facts, seen from the subject that is judged. */
  readonly of: string;
  readonly polarity: string;
  readonly leastGrade: string;
  /** Only these statements of attestations.yaml. */
  readonly statements: readonly string[];
}

export interface DescribedPart {
  readonly name: string;
  readonly needs: readonly DescribedNeed[];
}

export interface DescribedControl {
  readonly id: string;
  readonly title: string;
  readonly failureTitle: string;
  readonly severity: string;
  readonly bears: string;
  readonly subjects: readonly string[];
  readonly rationale: string;
  readonly remediation: string;
  /** What to do where the judge cannot tell; null where that is `remediation`. */
  readonly remediationUnknown: string | null;
  /** Thresholds by the name that `policy.limits` gives them, with their default and its text. */
  readonly limits: readonly { readonly name: string; readonly default: number; readonly text: string }[];
  /** Where one of these holds, the control applies; empty: always. */
  readonly applies: readonly DescribedPart[];
  /** Whether every part must hold, or one. */
  readonly combine: 'all' | 'any';
  readonly parts: readonly DescribedPart[];
}

export interface Catalogue {
  readonly built: readonly DescribedControl[];
  readonly notBuilt: typeof NOT_BUILT;
}

/** The whole catalogue as data, in the order of the registry. */
export function describeCatalogue(): Catalogue {
  return { built: CONTROLS.map(describeControl), notBuilt: NOT_BUILT };
}

function describeControl(control: Control): DescribedControl {
  const { id, title, failureTitle, severity, bears, rationale, remediation, combine } = control;
  const defaults = policySchema.parse({ loss: { level: 'host', name: 'any' } });
  return {
    id,
    title,
    failureTitle,
    severity,
    bears,
    subjects: typeof control.subject === 'string' ? [control.subject] : control.subject,
    rationale,
    remediation,
    remediationUnknown: control.remediationUnknown ?? null,
    limits: control.limits.map((name) => ({
      name,
      default: LIMIT_DEFAULTS[name],
      text: installLimit(name, defaults).text,
    })),
    applies: (control.applies ?? []).map(describePart),
    combine,
    parts: control.parts.map(describePart),
  };
}

function describePart(part: Part): DescribedPart {
  return {
    name:
      part.onlyFor === undefined
        ? part.name
        : `${part.name} (of ${/^[aeiou]/.test(part.onlyFor) ? 'an' : 'a'} ${part.onlyFor})`,
    needs: Object.entries(part.needs).map(([name, need]) => ({
      name,
      fact: need.fact,
      of: need.of,
      polarity: need.polarity,
      leastGrade: need.leastGrade ?? (need.context === true ? 'declared' : 'observed'),
      statements: need.statements ?? [],
    })),
  };
}
