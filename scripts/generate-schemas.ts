import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './package-program.ts';
import { reportJsonSchema } from './report-json-schema.ts';

/*
 * node scripts/generate-schemas.ts: writes the published JSON Schemas from the zod schemas they mirror. A test fails
 * while one of them is stale.
 */

writeFileSync(join(repository, 'config/report.schema.json'), reportJsonSchema());
