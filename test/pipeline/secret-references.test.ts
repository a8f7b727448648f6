import { expect, test } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../src/config/schema.ts';
import { secretReference } from '../../src/config/schema-parts.ts';
import { referencesIn } from '../../src/pipeline/secret-references.ts';

/** Names of all settings that refer to a secret, from the JSON Schema of the configuration. */
function secretSettings(schema: unknown, name = ''): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const isReference = 'pattern' in schema && schema.pattern === PATTERN;
  return [
    ...(isReference ? [name] : []),
    ...Object.entries(schema).flatMap(([key, value]) => secretSettings(value, key === 'properties' ? '' : key)),
  ];
}
const PATTERN = z.toJSONSchema(secretReference).pattern;

test('every setting that refers to a secret is resolved before collecting', () => {
  const settings = new Set(secretSettings(z.toJSONSchema(configSchema, { io: 'input' })));
  expect([...settings]).toEqual(expect.arrayContaining(['password', 'passphrase', 'digestKey']));
  for (const name of settings)
    expect(referencesIn({ [name]: 'env:X' }), name).toEqual([{ path: name, reference: 'env:X' }]);
});
