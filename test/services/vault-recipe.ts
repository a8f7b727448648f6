import { execFile } from 'node:child_process';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const MODULE = 'github.com/hashicorp/vault';
const TIMEOUT_MS = 25 * 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * What the `minimal` build leaves out of Vault and the tests need, said in the two files in which that build says that
 * it adds nothing. It is wired as in the files of the full build, which takes ten times as long.
 */
const ADDED = {
  'command/commands_min.go': `//go:build minimal

package command

import (
	_ "${MODULE}/helper/builtinplugins"
	physConsul "${MODULE}/physical/consul"
	physFile "${MODULE}/sdk/physical/file"
)

func extendAddonHandlers(handlers *vaultHandlers) {
	handlers.physicalBackends["consul"] = physConsul.NewConsulBackend
	handlers.physicalBackends["file"] = physFile.NewFileBackend
}
`,
  'helper/builtinplugins/registry_min.go': `//go:build minimal

package builtinplugins

import (
	credKube "github.com/hashicorp/vault-plugin-auth-kubernetes"
	"${MODULE}/helper/pluginconsts"
)

func extendAddonPlugins(reg *registry) {
	reg.credentialBackends[pluginconsts.AuthTypeKubernetes] = credentialBackend{Factory: credKube.Factory}
}
`,
};

/**
 * Builds Vault with raft, in-memory, file and Consul storage, file audit device, transit, AppRole, JWT and Kubernetes
 * logins, awskms and transit seals. @param go the Go program
 */
export async function buildVault(directory: string, go: string, version: string): Promise<void> {
  const command = (args: readonly string[]) =>
    run(go, [...args], { cwd: directory, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
  const source = join(directory, 'source');
  await command(['mod', 'init', 'tools']);
  const { stdout } = await command(['mod', 'download', '-json', `${MODULE}@${version}`]);
  const { Dir } = z.object({ Dir: z.string() }).parse(JSON.parse(stdout));
  await cp(Dir, source, { recursive: true });
  // The files of the module cache are read-only, and so are copies of them.
  await run('chmod', ['-R', 'u+w', source]);
  for (const [file, content] of Object.entries(ADDED)) await writeFile(join(source, file), content);
  await command(['mod', 'edit', `-require=${MODULE}@${version}`, `-replace=${MODULE}=./source`]);
  await command(['build', '-mod=mod', '-tags', 'minimal', '-ldflags', '-s -w', '-o', 'vault', MODULE]);
  for (const left of ['go.mod', 'go.sum', 'source']) await rm(join(directory, left), { recursive: true });
}
