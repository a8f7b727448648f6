import type { Collection } from './estate.ts';
import { INSTALL_SERVER, type Server, serverFrom } from './servers.ts';

/** The server of the install database and every configured one, with their passwords. Connects to none. */
export async function openServers(collection: Pick<Collection, 'config' | 'secret'>): Promise<readonly Server[]> {
  const { config } = collection;
  const password = (name: string, reference: string | undefined) =>
    reference === undefined ? undefined : collection.secret(`${name}: password`, reference);
  const install = serverFrom(
    INSTALL_SERVER,
    config.install.database,
    config.install.database.name,
    await password('install.database', config.install.database.password),
    config.collect,
  );
  const others = await Promise.all(
    config.servers.map(async (server) =>
      serverFrom(
        server.name,
        server,
        server.maintenanceDatabase,
        await password(server.name, server.password),
        config.collect,
      ),
    ),
  );
  return [install, ...others];
}
