import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { repository } from './package-program.ts';

/*
 * node scripts/precompile-templates.ts: turns templates/ into src/report/formats/compiled-templates.ts, so that no
 * template compiler is loaded when the program runs. The result is generated and not committed.
 */

const directory = join(repository, 'templates');
const names = readdirSync(directory)
  .filter((name) => /^[a-z]+(?:-[a-z]+)*\.hbs$/.test(name))
  .map((name) => name.slice(0, -'.hbs'.length))
  .toSorted();

const entries = names.map((name) => {
  const source = readFileSync(join(directory, `${name}.hbs`), 'utf8');
  const specification = Handlebars.precompile(source, {
    strict: true,
    knownHelpersOnly: true,
    preventIndent: true,
    knownHelpers: { helperMissing: false, blockHelperMissing: false, log: false, lookup: false },
  });
  return `${JSON.stringify(name)}: ${String(specification)}`;
});

/** Later rules override earlier ones, so the order is fixed. */
const styles = ['base', 'frame', 'page-one', 'tables', 'chapters', 'small-screens', 'paper'];
const styleSheet = styles.map((name) => readFileSync(join(directory, `styles/${name}.css`), 'utf8').trim()).join('\n');

writeFileSync(
  join(repository, 'src/report/formats/compiled-templates.ts'),
  [
    '// @ts-nocheck: generated from templates/ by scripts/precompile-templates.ts',
    `export type TemplateName = ${names.map((name) => JSON.stringify(name)).join(' | ')};`,
    '/** Template specifications for the runtime of Handlebars. */',
    `export const templates: Readonly<Record<TemplateName, object>> = {\n${entries.join(',\n')}\n};`,
    '/** The style sheet of every page. */',
    `export const styleSheet: string = ${JSON.stringify(styleSheet)};`,
    '',
  ].join('\n'),
);
