import { postgresGrants } from '../../src/collect/organizations/postgres-grants.ts';
import { loadMapping } from '../../src/config/mapping.ts';
import { REFERENCE_MAPPING } from '../../src/demo/reference-schema.ts';
import type { Install } from './install.ts';
import { NAMES } from './install-configuration.ts';

/** Gives the audit's role what `recoverage permissions --prove-keys` prints, and nothing else. */
export async function grantSamples({ server, organizations }: Install): Promise<void> {
  const script = postgresGrants({
    role: NAMES.auditor,
    mapping: await loadMapping(REFERENCE_MAPPING),
    installDatabase: NAMES.installDatabase,
    tenantDatabases: organizations.map((one) => one.database),
    prove: true,
  });
  let database = 'postgres';
  for (const line of script.split('\n')) {
    database = /^\\connect "(.*)"$/.exec(line)?.[1] ?? database;
    if (line.startsWith('GRANT ')) await server.query(line, database);
  }
}
