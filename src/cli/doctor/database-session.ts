import type { DatasetCheck } from '../../collect/organizations/mapping-check.ts';
import type { ServerCatalogue } from '../../collect/organizations/server-catalogue.ts';
import { readServerCatalogue } from '../../collect/organizations/server-catalogue.ts';
import { openReadOnly, type ReadOnlyConnection } from '../../collect/postgres/read-only-connection.ts';
import type { Server } from '../../collect/servers.ts';
import { type Check, clockChecks, mistake, ok, unanswered, warning } from './check.ts';
import type { DoctorContext } from './doctor-context.ts';

/** A server's name with its settings, or why there are none. */
export interface NamedServer {
  readonly name: string;
  readonly server: Server | null;
  readonly error: unknown;
}

/**
 * Opens a database, says what its server tells of itself, and goes on with `then`. Whatever fails on the way is one
 * problem of the source.
 */
export async function inDatabase(
  context: DoctorContext,
  area: string,
  { name, server, error }: NamedServer,
  database: string,
  then: (connection: ReadOnlyConnection) => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  try {
    if (server === null) throw error;
    const connection = await openReadOnly(server.settings(database), context.signal);
    try {
      checks.push(...catalogueChecks(context, area, connection.locator, await readServerCatalogue(connection)));
      checks.push(...(await then(connection)));
    } finally {
      await connection.close();
    }
  } catch (failure) {
    context.signal.throwIfAborted();
    checks.push(unanswered(area, name, context.asker.blindSpotOf(failure, name)));
  }
  return checks;
}

function catalogueChecks(
  context: DoctorContext,
  area: string,
  locator: string,
  { server, rights }: ServerCatalogue,
): readonly Check[] {
  return [
    ok(area, `${locator} answers: PostgreSQL ${server.serverVersion}, role ${rights.role}`),
    ...(rights.canWrite
      ? [
          warning(
            area,
            `${locator}: ${rights.because}`,
            'Use a role that can only read: recoverage permissions prints its grants. RUN-1 fails until then.',
          ),
        ]
      : []),
    ...(server.inRecovery
      ? [warning(area, `${locator} is a standby, whose answers can be behind its primary`, 'Name the primary as host.')]
      : []),
    ...clockChecks(area, locator, server.clock.offsetMillis, context.clockToleranceMinutes),
  ];
}

/** One line for each dataset of a mapping, or for each column of it that does not fit. */
export function datasetChecks(context: DoctorContext, area: string, checks: readonly DatasetCheck[]): readonly Check[] {
  return checks.flatMap((check) => datasetCheck(context, area, check));
}

function datasetCheck(context: DoctorContext, area: string, { dataset, result }: DatasetCheck): readonly Check[] {
  const name = `dataset ${dataset}`;
  switch (result.status) {
    case 'absent':
      return [ok(area, `${name}: declared absent; what needs it will be unknown`)];
    case 'blind':
      return [unanswered(area, name, context.asker.blindSpotOf(result.error, name))];
    case 'does-not-fit':
      return result.problems.map(({ column, problem, hint }) =>
        mistake(area, `${name}: column ${column} ${problem}`, `In the mapping, ${hint}.`),
      );
    case 'fits': {
      if (result.unusedColumns.length === 0) return [ok(area, `${name}: columns and types fit`)];
      const unused = result.unusedColumns.join(', ');
      const change = 'Remove them from the statement, or mend the spelling of their names.';
      return [warning(area, `${name}: fits, with columns that nothing reads: ${unused}`, change)];
    }
  }
}
