import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { packageProgram, repository } from './package-program.ts';

/*
 * npm run build: compiles src into a fresh dist. Templates are precompiled first, because src imports the result.
 */

function node(...args: readonly string[]): void {
  execFileSync(process.execPath, args, { cwd: repository, stdio: 'inherit' });
}

rmSync(`${repository}/dist`, { recursive: true, force: true });
if (existsSync(`${repository}/scripts/precompile-templates.ts`)) node('scripts/precompile-templates.ts');
node(packageProgram('typescript', 'tsc'), '-p', 'tsconfig.build.json');
chmodSync(`${repository}/dist/cli.js`, 0o755);
