import { createRequire } from 'node:module';
import type Handlebars from 'handlebars';
import { type TemplateName, templates } from '../compiled-templates.ts';

/*
 * The runtime of Handlebars has no template compiler in it. It is loaded by require, because its package declares no
 * types for the runtime's own entry point.
 */
const runtime: typeof Handlebars = createRequire(import.meta.url)('handlebars/runtime');

const environment = runtime.create();
const compiled = new Map(
  Object.entries(templates).map(([name, specification]) => [name, environment.template(specification)] as const),
);
for (const [name, template] of compiled) environment.registerPartial(name, template);

/**
 * Fills a template. Everything in the context is escaped; a field that the template names and the context lacks throws.
 *
 * @param context plain data; a field without a value is null or empty, never left out
 */
export function fill(name: TemplateName, context: object): string {
  const template = compiled.get(name);
  if (template === undefined) throw new RangeError(`no template ${name}`);
  return template(context);
}
