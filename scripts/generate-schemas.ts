import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationJsonSchemas } from './configuration-json-schemas.ts';
import { repository } from './package-program.ts';
import { reportJsonSchema } from './report-json-schema.ts';

/*
 * node scripts/generate-schemas.ts: writes the published JSON Schemas from the zod schemas they mirror. A test fails
 * while one of them is stale.
 */

const schemas = { 'report.schema.json': reportJsonSchema(), ...configurationJsonSchemas() };
for (const [file, text] of Object.entries(schemas)) writeFileSync(join(repository, 'config', file), text);
