import { z } from 'zod';
import { configSchema } from '../src/config/schema.ts';
import { LIMIT_DEFAULTS } from '../src/model/policy.ts';
import { settingText } from './setting-texts.ts';

/** The part of JSON Schema (draft 2020-12) that zod writes and this walks. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** One setting, with what all variants of its entry say about it. */
export interface Setting {
  readonly path: string;
  readonly required: boolean;
  /** As YAML on one line; null where there is none. */
  readonly default: string | null;
  /** Where only certain words are allowed. */
  readonly choices: readonly string[];
  /** Of an entry whose settings depend on its kind: the kinds that have this one. */
  readonly kinds: readonly string[];
}

/** The JSON Schema of the configuration file, each setting with its meaning. */
export function configurationJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;
  walk(schema, '', (node, path) => {
    const text = settingText(path);
    if (text !== undefined) node.description = `${text[0]}.`;
  });
  return schema;
}

/** Every setting in the order of the schema. */
export function configurationSettings(): readonly Setting[] {
  const settings = new Map<string, Setting>();
  walk(configurationJsonSchema(), '', (node, path, required, kind) => {
    const known = settings.get(path);
    settings.set(path, {
      path,
      required: required && (known?.required ?? true),
      default: known?.default ?? defaultOf(node, path),
      choices: [...new Set([...(known?.choices ?? []), ...choicesOf(node)])],
      kinds: [...(known?.kinds ?? []), ...(kind === null ? [] : [kind])],
    });
  });
  return [...settings.values()];
}

function defaultOf(node: JsonSchema, path: string): string | null {
  const limit = Object.entries(LIMIT_DEFAULTS).find(([name]) => path === `policy.limits.${name}`);
  if (limit !== undefined) return String(limit[1]);
  if (node.default === undefined || node.default === null) return null;
  if (node.type === 'object' || (typeof node.default === 'object' && !Array.isArray(node.default))) return null;
  if (Array.isArray(node.default)) return `[${node.default.join(', ')}]`;
  return node.default === '' ? "''" : String(node.default);
}

function choicesOf(node: JsonSchema): readonly string[] {
  const own = node.const === undefined ? (node.enum ?? node.items?.enum ?? []) : [node.const];
  return [...own, ...(node.anyOf ?? []).flatMap((one) => (one.const === undefined ? [] : [one.const]))].map(String);
}

type Visit = (node: JsonSchema, path: string, required: boolean, kind: string | null) => void;

function walk(node: JsonSchema, path: string, visit: Visit): void {
  for (const variant of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) walk(variant, path, visit);
  const kind = node.properties?.['kind']?.const;
  if (node.items !== undefined) walk(node.items, `${path}[]`, visit);
  const { additionalProperties: others } = node;
  if (typeof others === 'object' && others.properties !== undefined) {
    visit(others, `${path}.<id>`, false, null);
    walk(others, `${path}.<id>`, visit);
  }
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const below = path === '' ? key : `${path}.${key}`;
    visit(child, below, node.required?.includes(key) ?? false, kind === undefined ? null : String(kind));
    walk(child, below, visit);
  }
}
