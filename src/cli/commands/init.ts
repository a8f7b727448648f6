import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../config/load.ts';
import { counted } from '../../model/text.ts';
import type { RegisterCommand } from '../command.ts';
import { attestationsText } from '../init/attestations-text.ts';
import { configurationText } from '../init/configuration-text.ts';
import { type ConnectionOptions, connectionSettings } from '../init/connection-settings.ts';
import type { Draft } from '../init/draft.ts';
import { draftConfiguration } from '../init/draft-configuration.ts';
import { commentedProviders } from '../init/provider-lines.ts';
import { existsAlready, writeNewFile } from '../init/write-new-file.ts';
import { type CommandIo, EXIT } from '../io.ts';
import { oneLine } from '../terminal-text.ts';

interface InitOptions extends ConnectionOptions {
  readonly installHost?: string;
  readonly mapping?: string;
  readonly output: string;
  readonly offline?: boolean;
  readonly force?: boolean;
}

const schemaFile = (name: string) => fileURLToPath(new URL(`../../../config/${name}.schema.json`, import.meta.url));

/** `recoverage init`: writes a configuration by asking the install database what it can see. */
export const registerInit: RegisterCommand = (program, io, done) => {
  program
    .command('init')
    .description('write an annotated configuration by asking the install database what it can see')
    .option('--host <host>', 'host of the install database, or the directory of its socket (default: localhost)')
    .option('--port <port>', 'its port (default: 5432)')
    .option('--database <name>', 'its name (default: novantra)')
    .option('--user <role>', 'role to read it with (default: recoverage)')
    .option('--password-ref <reference>', 'where its password is: env:NAME, file:PATH, or none')
    .option('--tls <mode>', 'verify-full or disable (default: verify-full)')
    .option('--ca-file <file>', 'certificate authority to trust instead of the well-known ones')
    .option('--mapping <file>', 'how its tables are read (default: the shipped assumption)')
    .option('--install-host <name>', 'name of the install host')
    .option('-o, --output <file>', 'file to write', 'recoverage.yaml')
    .option('--offline', 'ask no database: write what there is to fill in')
    .option('--force', 'replace the file if it is there')
    .addHelpText(
      'after',
      `
At a terminal it asks for what options leave out, and for the host that each source stands on.
Beside the configuration it writes an empty attestations.yaml, unless there is one.

Examples:
  $ recoverage init
  $ RECOVERAGE_DB_PASSWORD=… recoverage init --host db.internal --user recoverage --output /etc/recoverage/recoverage.yaml
  $ recoverage init --host db.internal --password-ref file:/run/secrets/db --ca-file /etc/ssl/our-authority.pem
  $ recoverage init --offline`,
    )
    .action(async (options: InitOptions) => {
      const file = resolve(io.workingDirectory, options.output);
      if (existsSync(file) && options.force !== true) throw existsAlready(file);
      const directory = dirname(file);
      const fromHere = (path: string) => resolve(io.workingDirectory, path);
      const database = await connectionSettings(
        {
          ...options,
          ...(options.caFile === undefined ? {} : { caFile: fromHere(options.caFile) }),
          ...passwordFromHere(options.passwordRef, fromHere),
        },
        io,
      );
      const draft = await draftConfiguration(
        {
          database,
          directory,
          offline: options.offline ?? false,
          installHost: options.installHost ?? null,
          mapping: options.mapping === undefined ? null : relative(directory, fromHere(options.mapping)),
        },
        io,
      );
      await writeNewFile(file, configurationText(draft, schemaFile('recoverage')), {
        replace: options.force ?? false,
        check: (temporary) => loadConfig(temporary, io.environment),
      });
      io.stdout.write(`Wrote ${file}: ${foundText(draft)}.\n`);
      await writeAttestations(join(directory, 'attestations.yaml'), io);
      for (const sentence of draft.discovery.unread) io.stderr.write(`warning: not read: ${oneLine(sentence)}\n`);
      io.stdout.write('Next: fill in the lines marked FILL IN, then run recoverage doctor.\n');
      done(EXIT.clear);
    });
};

/** Paths on the command line are seen from the working directory, those in the file from the file. */
function passwordFromHere(reference: string | undefined, fromHere: (path: string) => string) {
  if (reference?.startsWith('file:') !== true) return {};
  return { passwordRef: `file:${fromHere(reference.slice('file:'.length))}` };
}

async function writeAttestations(file: string, io: CommandIo): Promise<void> {
  if (existsSync(file)) return;
  await writeNewFile(file, attestationsText(schemaFile('attestations')), { replace: false });
  io.stdout.write(`Wrote ${file}: nothing declared yet.\n`);
}

function foundText(draft: Draft): string {
  const { servers, locations, providers, buckets } = draft;
  const commented = commentedProviders(draft);
  const toFillIn =
    commented === 0 ? '' : ` (and ${commented} as ${commented === 1 ? 'a comment' : 'comments'} to fill in)`;
  return [
    counted(servers.length, 'further server'),
    counted(locations.length, 'location'),
    `${counted(providers.length - commented, 'key provider')}${toFillIn}`,
    counted(buckets.length, 'bucket'),
  ].join(', ');
}
