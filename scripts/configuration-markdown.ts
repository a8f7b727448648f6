import { configurationSettings, type Setting } from './configuration-settings.ts';
import { settingText } from './setting-texts.ts';

/** docs/configuration.md: every setting with its meaning, default and an example. */
export function configurationMarkdown(): string {
  const settings = configurationSettings();
  const top = settings.filter(({ path }) => !/[.[]/.test(path));
  return `${[
    '# Configuration',
    '',
    'One YAML file says everything, by default `recoverage.yaml` in the working directory; `--config` names another.',
    '`recoverage init` writes one by asking the install database, `recoverage doctor` checks it, and',
    '`config/recoverage.example.yaml` is one to read. Generated from the schema by `node scripts/generate-docs.ts`.',
    '',
    '- A setting that does not exist is a mistake, and every mistake is reported at once.',
    '- Secrets never stand in the file, only where they are: `env:NAME` for an environment variable, `file:PATH` for a',
    '  file that holds nothing else.',
    '- Relative paths are seen from the directory of the configuration file, those in a mapping from the mapping file.',
    '- An editor that reads `config/recoverage.schema.json` completes every name: begin the file with',
    '  `# yaml-language-server: $schema=` and its address.',
    '',
    'In the tables `[]` stands for each entry of a list and `<id>` for the id of an organization.',
    '',
    ...top.flatMap((one) => section(one, settings)),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function section(top: Setting, settings: readonly Setting[]): readonly string[] {
  const below = settings.filter(({ path }) => path.startsWith(`${top.path}.`) || path.startsWith(`${top.path}[]`));
  const rows = below.length === 0 ? [top] : below.filter(({ path }) => !REPEATED.test(path));
  const kinds = Math.max(...rows.map((one) => one.kinds.length));
  return [
    `## ${top.path}`,
    '',
    ...(below.length === 0 ? [] : [`${settingText(top.path)?.[0] ?? ''}.${top.required ? ' Required.' : ''}`, '']),
    '| setting | meaning | default | example |',
    '|---|---|---|---|',
    ...rows.map((one) => row(one, kinds)),
    '',
  ];
}

/** Limits of an organization or a kind are those of the policy, which are listed already. */
const REPEATED = /^policy\.(?:organizationLimits\.<id>|kindLimits\.[a-z-]+)\./;

function row({ path, required, default: value, choices, kinds }: Setting, most: number): string {
  const [meaning = '', example = ''] = settingText(path) ?? [];
  const allowed = choices.length < 2 ? '' : `: ${choices.map((choice) => `\`${choice}\``).join(', ')}`;
  const only = kinds.length === 0 || kinds.length === most ? '' : ` (${kinds.join(', ')})`;
  const shown = required ? 'required' : value === null ? '' : `\`${value}\``;
  return `| \`${path}\` | ${cell(`${meaning}${allowed}${only}`)} | ${cell(shown)} | ${example === '' ? '' : `\`${cell(example)}\``} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
