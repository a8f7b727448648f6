import type { RegisterCommand } from '../command.ts';
import { catalogueMarkdown } from '../controls/control-markdown.ts';
import { catalogueText, controlText } from '../controls/control-text.ts';
import { describeCatalogue } from '../controls/describe-control.ts';
import { EXIT, UsageError } from '../io.ts';

interface ControlsOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

/** `recoverage controls`: what is judged, and what is not yet. */
export const registerControls: RegisterCommand = (program, io, done) => {
  program
    .command('controls')
    .description('print the controls that are judged, and those that are not yet')
    .argument('[id]', 'one control, with everything about it')
    .option('--json', 'print JSON')
    .option('--markdown', 'print docs/controls.md')
    .addHelpText(
      'after',
      `
Examples:
  $ recoverage controls
  $ recoverage controls DB-3
  $ recoverage controls --json | jq '.built[] | select(.severity == "critical") | .id'`,
    )
    .action((id: string | undefined, options: ControlsOptions) => {
      io.stdout.write(controlsOutput(id, options));
      done(EXIT.clear);
    });
};

function controlsOutput(id: string | undefined, { json = false, markdown = false }: ControlsOptions): string {
  const catalogue = describeCatalogue();
  if (json && markdown) throw new UsageError('--json and --markdown exclude each other: name one of them.');
  if (id === undefined) {
    if (markdown) return catalogueMarkdown(catalogue);
    return json ? asJson(catalogue) : catalogueText(catalogue);
  }
  if (markdown) throw new UsageError('--markdown prints the whole catalogue: leave out the id.');
  const wanted = id.toUpperCase();
  const built = catalogue.built.find((control) => control.id === wanted);
  if (built !== undefined) return json ? asJson(built) : controlText(built);
  const missing = catalogue.notBuilt.find((control) => control.controlId === wanted);
  if (missing === undefined) {
    throw new UsageError(`There is no control ${JSON.stringify(id)}: recoverage controls lists them all.`);
  }
  const sentence = 'This version does not judge it; every report says so.';
  return json ? asJson({ ...missing, built: false }) : `${missing.controlId}  ${missing.question}\n\n  ${sentence}\n`;
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
