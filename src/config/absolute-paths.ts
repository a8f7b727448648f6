import { dirname, join, resolve } from 'node:path';
import type { Config } from './schema.ts';

/** The configuration with its relative paths seen from the directory of the configuration file. */
export function withAbsolutePaths(config: Config, file: string): Config {
  const directory = dirname(resolve(file));
  const absolute = (path: string) => resolve(directory, path);
  const authority = <T extends { readonly caFile?: string | undefined }>(access: T): T =>
    access.caFile === undefined ? access : { ...access, caFile: absolute(access.caFile) };
  const { install, stores } = config;
  return {
    ...config,
    install: {
      ...install,
      database: authority(install.database),
      mapping: install.mapping === undefined ? undefined : absolute(install.mapping),
      bootstrapFile: absolute(install.bootstrapFile),
      stateDirectory: absolute(install.stateDirectory),
      runbook: install.runbook === undefined ? undefined : absolute(install.runbook),
      licenseFile: install.licenseFile === undefined ? undefined : absolute(install.licenseFile),
      addresses: install.addresses.map((address) => {
        const { certificateFile: certificate } = address;
        return authority(certificate === undefined ? address : { ...address, certificateFile: absolute(certificate) });
      }),
    },
    servers: config.servers.map(authority),
    locations: config.locations.map((location) => {
      if (location.kind === 'aws') return location;
      return location.kind === 'directory' ? { ...location, path: absolute(location.path) } : authority(location);
    }),
    providers: config.providers.map((provider) => {
      if (provider.kind === 'azure-key-vault') {
        const { federatedTokenFile: token } = provider;
        return authority(token === undefined ? provider : { ...provider, federatedTokenFile: absolute(token) });
      }
      if (provider.kind !== 'pkcs11') return authority(provider);
      const { peer } = provider;
      const own = { ...provider, module: absolute(provider.module) };
      return peer === undefined ? own : { ...own, peer: { ...peer, module: absolute(peer.module) } };
    }),
    stores: {
      default: stores.default === 'none' ? 'none' : { ...stores.default, path: absolute(stores.default.path) },
      s3: stores.s3.map(authority),
    },
    collect: {
      ...config.collect,
      verification: {
        ...config.collect.verification,
        file: absolute(
          config.collect.verification.file ?? join(dirname(config.report.directory), 'verifications.ndjson'),
        ),
      },
      plans: absolute(config.collect.plans ?? join(dirname(config.report.directory), 'plans.ndjson')),
    },
    report: {
      ...config.report,
      directory: absolute(config.report.directory),
      list: absolute(config.report.list ?? join(dirname(config.report.directory), 'reports.ndjson')),
    },
  };
}
