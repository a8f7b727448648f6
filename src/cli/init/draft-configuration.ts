import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { createAsker, systemClock } from '../../collect/ask.ts';
import { openReadOnly } from '../../collect/postgres/read-only-connection.ts';
import { INSTALL_SERVER, serverFrom } from '../../collect/servers.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { loadMapping } from '../../config/mapping.ts';
import { configSchema } from '../../config/schema.ts';
import { secretResolver } from '../../config/secrets.ts';
import { SourceError } from '../../model/source-error.ts';
import { REFERENCE_MAPPING } from '../../pipeline/reference-mapping.ts';
import type { CommandIo } from '../io.ts';
import { oneLine } from '../terminal-text.ts';
import { type Discovery, discover, NOT_ASKED } from './discover.ts';
import {
  type DatabaseDraft,
  type Draft,
  isLocalAddress,
  isOnInstallHost,
  locationDrafts,
  serverDrafts,
} from './draft.ts';

export interface DraftOptions {
  readonly database: DatabaseDraft;
  /** Name of the install host where it was given. */
  readonly installHost: string | null;
  /** Mapping file, relative to `directory`; null for the shipped one. */
  readonly mapping: string | null;
  /** Whether to leave the install database alone. */
  readonly offline: boolean;
  /** Directory of the file that will be written. */
  readonly directory: string;
}

/**
 * Everything the configuration will say: from the install database, and from the person at the terminal.
 *
 * @throws SourceError when the install database cannot be reached, ConfigurationError for its password or the mapping
 */
export async function draftConfiguration(options: DraftOptions, io: CommandIo): Promise<Draft> {
  const { database } = options;
  const discovery = options.offline ? NOT_ASKED : await discovered(options, io);
  const servers = serverDrafts(discovery, database);
  const locations = locationDrafts(discovery.targets);
  const local = isLocalAddress(database.host);
  const suggested = local ? hostname() : database.host;
  const installHost = options.installHost ?? (await answer(io, 'Name of the install host', suggested)) ?? suggested;
  const hosts = new Map<string, string>();
  const subjects = [
    ...servers.map(({ name }) => ({ subject: `server ${name}`, likely: null })),
    ...locations.map(({ name }) => ({ subject: `location ${name}`, likely: null })),
    // The install database says how the install host reaches it.
    ...discovery.providers.map((provider) => ({
      subject: `provider ${provider.id}`,
      likely: isOnInstallHost(provider) ? installHost : null,
    })),
    ...discovery.buckets.map(({ bucket }) => ({ subject: `bucket ${bucket}`, likely: null })),
  ];
  for (const { subject, likely } of subjects) {
    const empty = likely === null ? ' Empty where it is not known' : '';
    const host = await answer(io, `On which host does ${oneLine(subject)} stand?${empty}`, likely);
    if (host !== null) hosts.set(subject, host);
  }
  return {
    installHost,
    collectorRunsHere: local || installHost === hostname(),
    database,
    mapping: options.mapping,
    servers,
    locations,
    providers: discovery.providers,
    buckets: discovery.buckets,
    hosts,
    discovery,
  };
}

async function answer(io: CommandIo, question: string, suggested: string | null): Promise<string | null> {
  if (!io.isInteractive) return suggested;
  const said = (await io.ask(`${question}${suggested === null ? '' : ` [${suggested}]`}: `)).trim();
  return said === '' ? suggested : said;
}

async function discovered({ database, mapping, directory }: DraftOptions, io: CommandIo): Promise<Discovery> {
  const resolver = secretResolver(io.environment, resolve(directory, 'recoverage.yaml'));
  const password = database.password === null ? undefined : await resolver.resolve('--password-ref', database.password);
  if (resolver.mistakes.length > 0) throw new ConfigurationError('recoverage init', resolver.mistakes);
  const read = await loadMapping(mapping === null ? REFERENCE_MAPPING : resolve(directory, mapping));
  const { collect } = configSchema.pick({ collect: true }).parse({});
  const access = {
    host: database.host,
    port: database.port,
    name: database.name,
    user: database.user,
    tls: database.tls,
    ...(database.caFile === null ? {} : { caFile: resolve(directory, database.caFile) }),
  };
  const server = serverFrom(INSTALL_SERVER, access, database.name, password, collect);
  try {
    const connection = await openReadOnly(server.settings(database.name), io.signal);
    try {
      return await discover(connection, read);
    } finally {
      await connection.close();
    }
  } catch (error) {
    io.signal.throwIfAborted();
    const secrets = password === undefined ? [] : [password];
    const { reason, detail, remedy } = createAsker(systemClock, secrets, io.signal).blindSpotOf(
      error,
      'install database',
    );
    const instead = 'Or write a configuration to fill in by hand: recoverage init --offline';
    throw new SourceError(reason, `the install database cannot be asked: ${detail}`, `${remedy} ${instead}.`);
  }
}
