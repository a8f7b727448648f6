import { aligned } from '../terminal-text.ts';
import type { Catalogue, DescribedControl, DescribedPart } from './describe-control.ts';

/** The catalogue as a table, one line a control. */
export function catalogueText({ built, notBuilt }: Catalogue): string {
  const rows = built.map(({ id, severity, bears, title }) => [id, severity, bears, title]);
  const missing = notBuilt.map(({ controlId, question }) => [controlId, question]);
  return lines(
    ...aligned([['CONTROL', 'SEVERITY', 'BEARS ON', 'HOLDS WHERE'], ...rows]),
    ...(missing.length === 0
      ? []
      : [
          '',
          `Not judged by this version, ${missing.length}; every report names them:`,
          ...aligned(missing).map((line) => `  ${line}`),
        ]),
  );
}

/** Everything about one control. */
export function controlText(control: DescribedControl): string {
  return lines(
    `${control.id}  ${control.title}`,
    '',
    `  Where it fails   ${control.failureTitle}`,
    `  Severity         ${control.severity}`,
    `  Bears on         ${control.bears}`,
    `  Judged for each  ${control.subjects.join(', ')}`,
    `  Limits           ${limitsOf(control)}`,
    '',
    'Why',
    `  ${control.rationale}`,
    '',
    'What to do',
    `  ${control.remediation}`,
    ...(control.remediationUnknown === null ? [] : ['', 'Where it cannot be told', `  ${control.remediationUnknown}`]),
    ...(control.applies.length === 0
      ? []
      : ['', 'Applies where one of these holds', ...control.applies.flatMap(needsOf)]),
    '',
    control.parts.length === 1
      ? 'Looks at'
      : `Looks at; ${control.combine === 'all' ? 'every part must hold' : 'one part must hold'}`,
    ...control.parts.flatMap(needsOf),
  );
}

function limitsOf({ limits }: DescribedControl): string {
  if (limits.length === 0) return 'none';
  return limits.map(({ name, text }) => `${name}, by default ${text}`).join('; ');
}

function needsOf(part: DescribedPart): readonly string[] {
  return [
    `  ${part.name}`,
    ...part.needs.map(
      ({ fact, of, polarity, leastGrade, statements }) =>
        `    ${fact} of ${of} (${polarity}, at least ${leastGrade}${statements.length === 0 ? '' : `: ${statements.join(', ')}`})`,
    ),
  ];
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
