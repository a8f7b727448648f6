import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { INSTALL_DATASET_NAMES, TENANT_DATASET_NAMES } from '../collect/organizations/dataset-contracts.ts';
import type { DatasetMapping, DatasetSource } from '../collect/organizations/dataset-source.ts';
import { checkSingleSelect } from '../collect/postgres/single-select.ts';
import { ConfigurationError, type Mistake } from './configuration-error.ts';

const MAPPING_VERSION = 1;
const NAME = /(?:[A-Za-z_][\w$]*|"(?:[^"]|"")+")/.source;
const TABLE_NAME = new RegExp(`^${NAME}\\.${NAME}(?: ?\\(${NAME}(?:, ?${NAME})*\\))?$`);
const ONE_OF_THREE = 'State exactly one of sql, absent and file.';

const statement = z.string().superRefine((sql, context) => {
  const check = checkSingleSelect(sql);
  if (!check.ok) context.addIssue({ code: 'custom', message: check.problem, params: { hint: sentence(check.hint) } });
});

const tables = z
  .array(z.string().regex(TABLE_NAME, 'is neither schema.table nor schema.table (column, column)'))
  .describe('Tables the statement reads, for the grants.');

const tenantSource = z.strictObject({
  sql: statement.optional().describe('One SELECT with the columns of the dataset.'),
  tables: tables.optional(),
  absent: z.literal(true).optional().describe('The install does not have this dataset.'),
});

const installSource = tenantSource.extend({
  file: z
    .strictObject({ path: z.string().min(1), format: z.enum(['csv', 'json']) })
    .optional()
    .describe('An export with the same columns, relative to this file.'),
});

function exactlyOne(source: z.infer<typeof installSource>, context: z.RefinementCtx): void {
  const given = [source.sql, source.absent, source.file].filter((value) => value !== undefined);
  if (given.length !== 1)
    context.addIssue({ code: 'custom', message: 'has no single source', params: { hint: ONE_OF_THREE } });
  if (source.tables !== undefined && source.sql === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['tables'],
      message: 'stands without sql',
      params: { hint: 'Remove it.' },
    });
  }
}

const REQUIRED_DATASETS: ReadonlySet<string> = new Set(['install', 'organizations', 'tenant_databases']);

function sources<N extends string, S extends typeof tenantSource | typeof installSource>(
  names: readonly N[],
  schema: S,
) {
  const refined = schema.superRefine(exactlyOne);
  const needed = refined.refine((source) => source.absent === undefined, {
    error: 'cannot be absent: without it there is nothing to audit',
    params: { hint: 'State its sql or file.' },
  });
  const entries = names.map((name) => [name, REQUIRED_DATASETS.has(name) ? needed : refined]);
  return z.strictObject(Object.fromEntries(entries) as Record<N, typeof refined>);
}

const sampleSource = tenantSource.superRefine(exactlyOne);

/** Schema of the mapping file, also for its JSON Schema. */
export const mappingSchema = z.strictObject({
  version: z.literal(MAPPING_VERSION),
  name: z.string().min(1).max(100).describe('Shown in the report.'),
  install: sources(INSTALL_DATASET_NAMES, installSource),
  tenant: sources(TENANT_DATASET_NAMES, tenantSource),
  samples: z
    .strictObject({ install: sampleSource.optional(), tenant: sampleSource.optional() })
    .optional()
    .describe('Wrapped samples, read with --prove-keys only: key_ref, version, wrapped_sample, context, mechanism.'),
});

/** @throws ConfigurationError naming every mistake of the file with its path and a hint */
export async function loadMapping(file: string): Promise<DatasetMapping> {
  const yaml = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const problem = error.code === 'ENOENT' ? 'the file does not exist' : `the file cannot be read (${error.code})`;
    throw new ConfigurationError(file, [{ path: '', problem, hint: 'Correct install.mapping in the configuration.' }]);
  });
  return parseMapping(file, yaml);
}

/** As {@link loadMapping}, from text already read. `file` is named in errors, and paths in the mapping are relative to its folder. */
export function parseMapping(file: string, yaml: string): DatasetMapping {
  const document = parseDocument(yaml, { uniqueKeys: true });
  if (document.errors.length > 0) {
    const mistakes = document.errors.map(({ message, linePos }) => ({
      path: linePos === undefined ? '' : `line ${linePos[0].line}`,
      problem: message.split('\n')[0] ?? 'is not YAML',
      hint: 'Mend the YAML syntax.',
    }));
    throw new ConfigurationError(file, mistakes);
  }
  const parsed = mappingSchema.safeParse(document.toJS());
  if (!parsed.success) throw new ConfigurationError(file, parsed.error.issues.flatMap(toMistakes));
  const { name, install, tenant, samples } = parsed.data;
  return {
    name,
    directory: dirname(file),
    install: mapValues(install, toSource),
    tenant: mapValues(tenant, toTenantSource),
    samples: { install: toTenantSource(samples?.install ?? {}), tenant: toTenantSource(samples?.tenant ?? {}) },
  };
}

function sentence(hint: string): string {
  return `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`;
}

/** SHA-256 in hexadecimal over what the mapping says, independent of its layout and of where it lies. */
export function mappingDigest(mapping: DatasetMapping): string {
  const { name, install, tenant, samples } = mapping;
  return createHash('sha256').update(JSON.stringify({ name, install, tenant, samples })).digest('hex');
}

function toSource(source: z.infer<typeof installSource>): DatasetSource {
  return source.file === undefined
    ? toTenantSource(source)
    : { kind: 'file', path: source.file.path, format: source.file.format };
}

function toTenantSource({
  sql,
  tables: read = [],
}: z.infer<typeof tenantSource>): Exclude<DatasetSource, { kind: 'file' }> {
  return sql === undefined ? { kind: 'absent' } : { kind: 'sql', sql, tables: read };
}

function mapValues<K extends string, A, B>(record: Readonly<Record<K, A>>, change: (value: A) => B): Record<K, B> {
  const entries = Object.entries<A>(record).map(([key, value]) => [key, change(value)]);
  return Object.fromEntries(entries) as Record<K, B>;
}

function toMistakes(issue: z.core.$ZodIssue): Mistake[] {
  const at = (...keys: PropertyKey[]) => [...issue.path, ...keys].map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const hint = 'Remove it, or mend its spelling.';
    return issue.keys.map((key) => ({ path: at(key), problem: 'is not a key of a mapping', hint }));
  }
  const stated: unknown = issue.code === 'custom' ? issue.params?.['hint'] : undefined;
  const missingDataset = issue.code === 'invalid_type' && issue.path.length === 2 && issue.input === undefined;
  const hint = missingDataset
    ? 'State its sql, or write absent: true.'
    : 'Compare it with config/mappings/reference.yaml.';
  const problem = missingDataset ? 'is not stated' : issue.message;
  return [{ path: at(), problem, hint: typeof stated === 'string' ? stated : hint }];
}
