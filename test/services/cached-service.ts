import { unavailable } from './availability.ts';
import { cachedProgram } from './cache.ts';
import type { ServiceRecipe } from './recipes.ts';

/** Why a server that has to be built first cannot be had here, or null. */
export function cachedServiceUnavailable(recipe: ServiceRecipe): string | null {
  if (cachedProgram(recipe)) return null;
  const remedy = `run: node test/services/install.ts ${recipe.name}`;
  return unavailable(recipe.name, `${recipe.name} ${recipe.version} is not in the cache of test servers; ${remedy}`);
}

/** The program of a server that has been built. Throws when it has not. */
export function requireCachedProgram(recipe: ServiceRecipe): string {
  const program = cachedProgram(recipe);
  if (!program) throw new Error(`${recipe.name} ${recipe.version} is not built`);
  return program;
}
