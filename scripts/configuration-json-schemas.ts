import { z } from 'zod';
import { attestationsSchema } from '../src/config/attestations.ts';
import { mappingSchema } from '../src/config/mapping.ts';
import { configurationJsonSchema } from './configuration-settings.ts';

/** The JSON Schemas (draft 2020-12) of the files an operator writes, by the name of the file they are published in. */
export function configurationJsonSchemas(): Readonly<Record<string, string>> {
  const options = { io: 'input', target: 'draft-2020-12' } as const;
  return {
    'recoverage.schema.json': published(
      'Recoverage configuration',
      'recoverage.yaml: what is audited, where copies lie, and what is demanded. Every setting: docs/configuration.md.',
      configurationJsonSchema(),
    ),
    'attestations.schema.json': published(
      'Recoverage attestations',
      'attestations.yaml: what no tool can see, declared by a named person for at most 366 days.',
      z.toJSONSchema(attestationsSchema, options),
    ),
    'mapping.schema.json': published(
      'Recoverage dataset mapping',
      'How the databases of an install are read: one read-only SELECT for each dataset.',
      z.toJSONSchema(mappingSchema, options),
    ),
  };
}

function published(title: string, description: string, schema: object): string {
  const { $schema, ...rest } = schema as { readonly $schema?: string };
  return `${JSON.stringify({ $schema, title, description, ...rest }, null, 2)}\n`;
}
