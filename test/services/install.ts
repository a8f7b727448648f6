import { installService } from './cache.ts';
import { serviceRecipes } from './recipes.ts';

/*
 * node test/services/install.ts [vault|consul|minio|versitygw|moto|postgres-pypi|postgres-17-pypi]…
 * Builds the named test servers, or all of them, into the cache, two at a time.
 */

const PARALLEL_BUILDS = 2;

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

const wanted = process.argv.slice(2);
const unknownNames = wanted.filter((name) => !serviceRecipes.some((recipe) => recipe.name === name));
if (unknownNames.length > 0) {
  log(`unknown service ${unknownNames.join(', ')}; known: ${serviceRecipes.map((recipe) => recipe.name).join(', ')}`);
  process.exit(3);
}

const queue = serviceRecipes.filter((recipe) => wanted.length === 0 || wanted.includes(recipe.name));
async function buildFromQueue(): Promise<void> {
  for (let recipe = queue.shift(); recipe; recipe = queue.shift()) {
    try {
      await installService(recipe, log);
    } catch (error) {
      log(`${recipe.name} ${recipe.version}: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
}
await Promise.all(Array.from({ length: PARALLEL_BUILDS }, buildFromQueue));
