import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Secret } from '../model/secret.ts';
import type { Mistake } from './configuration-error.ts';

/** Resolves references to secrets and collects every one that cannot be resolved. */
export interface SecretResolver {
  /** The secret behind a reference; an empty one, and a mistake, where there is none. */
  resolve(path: string, reference: string): Promise<Secret>;
  readonly mistakes: readonly Mistake[];
}

/**
 * @param environment the process's environment
 * @param configFile relative `file:` references are seen from its directory
 */
export function secretResolver(environment: NodeJS.ProcessEnv, configFile: string): SecretResolver {
  const mistakes: Mistake[] = [];
  const missing = (path: string, problem: string, hint: string) => {
    mistakes.push({ path, problem, hint });
    return new Secret('');
  };
  return {
    mistakes,
    async resolve(path, reference) {
      if (reference.startsWith('env:')) {
        const name = reference.slice(4);
        const value = environment[name];
        if (value !== undefined && value !== '') return new Secret(value);
        return missing(
          path,
          `environment variable ${name} is not set`,
          `Set ${name} before starting, or use file:PATH.`,
        );
      }
      const file = resolve(dirname(configFile), reference.slice(5));
      try {
        const text = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
        if (text !== '') return new Secret(text);
        return missing(path, `secret file ${file} is empty`, 'Write the secret into it, on one line.');
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'error';
        return missing(path, `secret file ${file} cannot be read (${code})`, 'Create it, readable for this user only.');
      }
    },
  };
}
