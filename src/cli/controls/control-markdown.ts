import type { Catalogue, DescribedControl, DescribedPart } from './describe-control.ts';

/** The catalogue as the Markdown document that is published as docs/controls.md. */
export function catalogueMarkdown({ built, notBuilt }: Catalogue): string {
  return `${[
    '# Controls',
    '',
    'What Recoverage judges, generated from its registry by `recoverage controls --markdown`. `recoverage controls ID`',
    'prints one of them. Ids never change meaning.',
    '',
    'A control gives one finding for each subject it is about: *pass*, *fail*, *unknown* or *not applicable*. A question',
    'that got no answer can only turn a finding into *unknown*; whether it does follows from the polarity of the need:',
    '*more-helps* means that seeing more could never make it fail, *more-hurts* that it could never make it pass,',
    '*either* both. The least grade says how well a fact must be known to count.',
    '',
    `Built: ${built.length}. Not judged by this version: ${notBuilt.length}.`,
    '',
    '| control | severity | bears on | holds where |',
    '|---|---|---|---|',
    ...built.map(
      ({ id, severity, bears, title }) => `| [${id}](#${id.toLowerCase()}) | ${severity} | ${bears} | ${cell(title)} |`,
    ),
    '',
    ...built.flatMap(section),
    ...(notBuilt.length === 0
      ? []
      : [
          '## Not judged by this version',
          '',
          'They give no finding, and every report names them.',
          '',
          '| control | question |',
          '|---|---|',
          ...notBuilt.map(({ controlId, question }) => `| ${controlId} | ${cell(question)} |`),
        ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function section(control: DescribedControl): readonly string[] {
  const { limits, applies, parts, combine } = control;
  return [
    `## ${control.id}`,
    '',
    `**${control.title}.** Where it fails: *${control.failureTitle}.*`,
    '',
    `- Severity: ${control.severity}; bears on ${control.bears}; judged for each ${control.subjects.join(', ')}`,
    ...limits.map(({ name, text }) => `- Limit: \`${name}\`, by default ${text}`),
    '',
    control.rationale,
    '',
    `What to do: ${control.remediation}`,
    '',
    ...(control.remediationUnknown === null ? [] : [`Where it cannot be told: ${control.remediationUnknown}`, '']),
    ...(applies.length === 0 ? [] : ['Applies where one of these holds:', '', ...table(applies), '']),
    ...(parts.length > 1 ? [combine === 'all' ? 'Every part must hold:' : 'One part must hold:', ''] : []),
    ...table(parts),
    '',
  ];
}

function table(parts: readonly DescribedPart[]): readonly string[] {
  return [
    '| part | looks at | of | polarity | least grade |',
    '|---|---|---|---|---|',
    ...parts.flatMap(({ name, needs }) =>
      needs.map(({ fact, of, polarity, leastGrade, statements }) => {
        const what = statements.length === 0 ? fact : `${fact} (${statements.join(', ')})`;
        return `| ${cell(name)} | ${what} | ${of} | ${polarity} | ${leastGrade} |`;
      }),
    ),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
