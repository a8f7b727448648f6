import { tokenizeSql } from '../../src/collect/postgres/sql-tokens.ts';
import { ROLE, type TenantInstall } from './tenant-install.ts';

/**
 * The statements that a scan sends to one tenant database, in their order and one by one, out of the server's own
 * statement log: the scan itself sends several in one message.
 */
export async function statementsOfScan(
  install: TenantInstall,
  scan: () => Promise<unknown>,
): Promise<readonly string[]> {
  const { server, databases } = install;
  const [database] = databases;
  await server.query(`ALTER ROLE ${ROLE} IN DATABASE ${database} SET log_statement = 'all'`);
  // The reader of the log finds its end by a statement of its own.
  await server.query(`ALTER ROLE ${server.user} SET log_statement = 'all'`);
  await scan();
  await server.query(`ALTER ROLE ${ROLE} IN DATABASE ${database} RESET log_statement`);
  const logged = await server.statements(ROLE);
  const statements = logged.filter((one) => one.database === database).flatMap(({ statement }) => split(statement));
  if (statements.length === 0) throw new Error('the scan sent no statement to a tenant database');
  return statements;
}

function split(message: string): readonly string[] {
  const read = tokenizeSql(message);
  if (!read.ok) throw new Error(`a message of the scan cannot be taken apart: ${read.problem}`);
  const ends = read.tokens.filter(({ kind, text }) => kind === 'symbol' && text === ';').map(({ start }) => start);
  const starts = [0, ...ends.map((end) => end + 1)];
  return starts.map((start, index) => message.slice(start, ends[index]).trim()).filter((statement) => statement !== '');
}
