import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigurationError, type Mistake } from './configuration-error.ts';

/** A parsed file with its text, so that a digest of it can be taken. */
export interface ParsedFile<T> {
  readonly value: T;
  readonly text: string;
}

/**
 * Reads a YAML file and checks it against a schema.
 *
 * @throws ConfigurationError naming every mistake with its path and a hint
 */
export async function readYamlFile<T>(file: string, schema: z.ZodType<T>): Promise<ParsedFile<T>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigurationError(file, [
      {
        path: '',
        problem: error.code === 'ENOENT' ? 'the file does not exist' : `the file cannot be read (${error.code})`,
        hint: 'Name another with --config, or write one with: recoverage init.',
      },
    ]);
  });
  return { value: parseYaml(file, text, schema), text };
}

/** As {@link readYamlFile}, from text already read. */
export function parseYaml<T>(file: string, text: string, schema: z.ZodType<T>): T {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigurationError(
      file,
      document.errors.map((error) => ({
        path: error.linePos === undefined ? '' : `line ${error.linePos[0].line}`,
        problem: error.message.split('\n')[0] ?? 'not YAML',
        hint: 'Mend the YAML syntax.',
      })),
    );
  }
  const parsed = schema.safeParse(plainValue(file, document));
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(file, mistakesOf(parsed.error.issues));
}

/** Aliases are refused: a few lines of them can stand for gigabytes. */
function plainValue(file: string, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    const problem = 'uses a YAML alias (*name)';
    throw new ConfigurationError(file, [{ path: '', problem, hint: 'Write the value out where it is wanted.' }]);
  }
}

function mistakesOf(issues: readonly z.core.$ZodIssue[]): readonly Mistake[] {
  return issues.flatMap((issue) => {
    const path = issue.path
      .map((segment, index) =>
        typeof segment === 'number' ? `[${segment}]` : `${index > 0 ? '.' : ''}${String(segment)}`,
      )
      .join('');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: path === '' ? key : `${path}.${key}`,
        problem: 'is no setting',
        hint: 'Remove it or mend its spelling; an editor that reads config/recoverage.schema.json completes the names.',
      }));
    }
    return [{ path, problem: issue.message.replace(/\.$/, ''), hint: hintFor(issue) }];
  });
}

function hintFor(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Write a ${issue.expected} here.`;
    case 'invalid_value':
      return `Write one of: ${issue.values.map(String).join(', ')}.`;
    case 'too_small':
      return issue.inclusive === false
        ? `It must be above ${String(issue.minimum)}.`
        : `The least allowed is ${String(issue.minimum)}.`;
    case 'too_big':
      return issue.inclusive === false
        ? `It must be below ${String(issue.maximum)}.`
        : `The most allowed is ${String(issue.maximum)}.`;
    default:
      return 'See docs/configuration.md, or docs/attestations.md where it is about attestations.';
  }
}
