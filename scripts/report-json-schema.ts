import { z } from 'zod';
import { reportSchema } from '../src/model/report.ts';

/** The JSON Schema (draft 2020-12) of `report.json` as text, ending in a line feed. */
export function reportJsonSchema(): string {
  const schema = z.toJSONSchema(reportSchema, { target: 'draft-2020-12' });
  const { $schema, ...rest } = schema;
  const titled = {
    $schema,
    title: 'Recoverage report',
    description:
      'report.json: would each organization of an install come back, and to which moment. Instants are ISO 8601 UTC.',
    ...rest,
  };
  return `${JSON.stringify(titled, null, 2)}\n`;
}
