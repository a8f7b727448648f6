import { subjectId } from '../model/subject.ts';
import { counted } from '../model/text.ts';
import type { DemoResult } from './demo.ts';
import { NAMES, ORGANIZATIONS } from './organizations.ts';
import type { PlantedGap } from './planted-gaps.ts';

/** The result in lines of text, for a person at a terminal. */
export function describeDemo(result: DemoResult): readonly string[] {
  const { found, missing, unexpected } = result.comparison;
  return [
    `The demo install has ${counted(ORGANIZATIONS.length, 'organization')}. Planted in it, and found:`,
    '',
    ...plantLines(found),
    ...(missing.length === 0 ? [] : ['', 'Planted, and NOT found:', '', ...plantLines(missing)]),
    ...(unexpected.length === 0
      ? []
      : [
          '',
          'Reported, and NOT planted:',
          '',
          ...unexpected.map((one) => `  ${one.controlId} ${one.status} for ${subjectId(one.subject)}`),
        ]),
    '',
    result.matches
      ? `All ${counted(found.length, 'planted finding')} were found, and nothing else.`
      : `Found ${found.length}, missed ${missing.length}, reported ${unexpected.length} that were not planted. This is a defect of recoverage.`,
    '',
    `Reports: ${result.reportDirectory}`,
    ...result.files.map((file) => `  ${file}`),
    '',
    'What was real: the PostgreSQL server and its databases, every file, every check.',
    'What was a stand-in:',
    `  ${NAMES.copyHost} and ${NAMES.secondCopyHost} are directories on this machine, said to be other hosts`,
    `  ${NAMES.provider} is a small server that answers like HashiCorp Vault; its snapshots have the same form`,
    `  ${dumpText(result)}`,
    '',
    'On your own install, from here; docs/operator-guide.md tells how the program is installed:',
    '  npx recoverage init     writes a configuration by asking your install database what it can see',
    '  npx recoverage doctor   checks it, and says what is missing',
    '  npx recoverage scan     audits',
  ];
}

function dumpText({ realDumps }: DemoResult): string {
  return realDumps
    ? 'dumps of earlier nights are texts in the form of pg_dump’s; the newest are real'
    : 'dumps are texts in the form of pg_dump’s, as no pg_dump as new as the server was found here';
}

/** One entry for each plant, with the controls that tell of it. */
function plantLines(gaps: readonly PlantedGap[]): readonly string[] {
  const plants = new Map<string, PlantedGap[]>();
  for (const gap of gaps) plants.set(gap.planted, [...(plants.get(gap.planted) ?? []), gap]);
  return [...plants.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      `  ${first.plane.padEnd(9)} ${first.organization ?? 'the install'}: ${first.planted}`,
      `  ${''.padEnd(9)} ${group.map((gap) => gap.controlId).join(', ')}`,
    ];
  });
}
