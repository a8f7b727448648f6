import { resolve } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { loadMapping } from '../../config/mapping.ts';
import { REFERENCE_MAPPING } from '../../pipeline/reference-mapping.ts';
import type { RegisterCommand } from '../command.ts';
import { EXIT, UsageError } from '../io.ts';
import { configOption } from '../options.ts';
import { addressPolicies } from '../permissions/address-policies.ts';
import { databasePolicies } from '../permissions/database-policies.ts';
import { headingText, policyText, type SourcePolicy } from '../permissions/policy-text.ts';
import { providerPolicy } from '../permissions/provider-policy.ts';
import { storagePolicies } from '../permissions/storage-policies.ts';

interface PermissionsOptions {
  readonly config: string;
  readonly source?: string;
  readonly tenantDatabase?: readonly string[];
  readonly keyArn?: readonly string[];
  readonly proveKeys?: boolean;
  readonly json?: boolean;
}

/** `recoverage permissions`: the least rights under which every configured source answers. Asks no server. */
export const registerPermissions: RegisterCommand = (program, io, done) => {
  program
    .command('permissions')
    .description('print the least rights that each configured source needs: grants, policies, file access')
    .addOption(configOption())
    .option('--source <name>', 'only this one: install, host, addresses, or the configured name, id or bucket')
    .option('--tenant-database <name...>', 'tenant databases to write grants for')
    .option('--key-arn <arn...>', 'keys of AWS KMS to narrow the policy to')
    .option('--prove-keys', 'with the rights that scan --prove-keys takes besides')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Nothing is asked and nothing is changed: the policies are printed for you to apply.
A name that begins with a dash is given with an equals sign, each with an option of its own: --tenant-database=-name.

Examples:
  $ recoverage permissions --config recoverage.yaml
  $ recoverage permissions --source install --tenant-database tenant_acme tenant_globex | psql -X --host db.internal postgres
  $ recoverage permissions --source vault-main | vault policy write recoverage -
  $ recoverage permissions --source backups > policy.json`,
    )
    .action(async (options: PermissionsOptions) => {
      const loaded = await loadConfig(resolve(io.workingDirectory, options.config), io.environment);
      const { config } = loaded;
      const mapping = await loadMapping(config.install.mapping ?? REFERENCE_MAPPING);
      const prove = options.proveKeys ?? false;
      const all: readonly SourcePolicy[] = [
        ...databasePolicies(config, mapping, options.tenantDatabase ?? [], prove),
        ...config.providers.map((provider) => providerPolicy(provider, options.keyArn ?? [], prove)),
        ...storagePolicies(config),
        ...addressPolicies(config),
      ];
      const policies = options.source === undefined ? all : all.filter(({ source }) => source === options.source);
      if (policies.length === 0) {
        const known = [...new Set(all.map(({ source }) => source))].join(', ');
        throw new UsageError(`The configuration has no source ${JSON.stringify(options.source)}. It has: ${known}.`);
      }
      const [only] = policies;
      if (options.json === true) {
        io.stdout.write(`${JSON.stringify({ policies }, null, 2)}\n`);
      } else if (policies.length === 1 && only?.language === 'json') {
        // JSON has no comments, and this output is meant to be handed on as it is.
        io.stderr.write(headingText(only.language, only.heading));
        io.stdout.write(only.policy);
      } else {
        io.stdout.write(policies.map(policyText).join('\n'));
      }
      done(EXIT.clear);
    });
};
