import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Statements of the shipped reference schema, for the install database and for a tenant database. */
export interface ReferenceSchema {
  readonly install: string;
  readonly tenant: string;
}

const FILE = join(import.meta.dirname, '..', '..', 'config', 'mappings', 'reference-schema.sql');

/** Path of the mapping that reads the reference schema. */
export const REFERENCE_MAPPING: string = join(import.meta.dirname, '..', '..', 'config', 'mappings', 'reference.yaml');

/** Its two parts each begin with a line `-- part: NAME`. @throws Error when the file is not as shipped */
export async function referenceSchema(): Promise<ReferenceSchema> {
  const pieces = (await readFile(FILE, 'utf8')).split(/^-- part: (\w+)$/m);
  const part = (name: string): string => {
    const found = pieces[pieces.indexOf(name) + 1];
    if (found === undefined) throw new Error(`${FILE} has no part ${name}: install recoverage again`);
    return found.trim();
  };
  return { install: part('install'), tenant: part('tenant') };
}
