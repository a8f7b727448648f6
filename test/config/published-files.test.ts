import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { attestationsMarkdown } from '../../scripts/attestations-markdown.ts';
import { configurationJsonSchemas } from '../../scripts/configuration-json-schemas.ts';
import { configurationMarkdown } from '../../scripts/configuration-markdown.ts';
import { configurationSettings } from '../../scripts/configuration-settings.ts';
import { SETTING_TEXTS, settingText } from '../../scripts/setting-texts.ts';
import { attestationsSchema } from '../../src/config/attestations.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readYamlFile } from '../../src/config/yaml-file.ts';
import { STATEMENTS } from '../../src/model/statements.ts';

const repository = join(import.meta.dirname, '../..');
const published = (file: string) => readFile(join(repository, file), 'utf8');

describe('published schemas', () => {
  it.each(Object.entries(configurationJsonSchemas()))(
    'config/%s is fresh; node scripts/generate-schemas.ts writes it anew',
    async (file, text) => expect(await published(join('config', file))).toBe(text),
  );

  it('every file of config that names a schema names one that is there', async () => {
    const files = (await readdir(join(repository, 'config'))).filter((file) => file.endsWith('.yaml'));
    expect(files).toContain('recoverage.example.yaml');
    for (const file of files) {
      const schema = /^# yaml-language-server: \$schema=(.*)$/m.exec(await published(join('config', file)))?.[1] ?? '';
      expect(JSON.parse(await published(join('config', schema)))).toHaveProperty('$schema');
    }
  });

  it('accept the example and refuse a misspelt key, as an editor would', async () => {
    const schemas = configurationJsonSchemas();
    const schema = z.fromJSONSchema(JSON.parse(schemas['recoverage.schema.json'] ?? ''));
    const { value } = await readYamlFile(join(repository, 'config/recoverage.example.yaml'), z.unknown());
    expect(schema.safeParse(value).error).toBeUndefined();
    expect(schema.safeParse({ ...(value as object), polcy: {} }).success).toBe(false);
  });
});

describe('the example configuration', () => {
  it('loads', async () => {
    const { config, policy } = await loadConfig(join(repository, 'config/recoverage.example.yaml'), {});
    expect(config.locations.flatMap(({ purposes }) => purposes)).toEqual(
      expect.arrayContaining(['dumps', 'vault-snapshots', 'files']),
    );
    expect(policy.loss).toEqual({ level: 'host', name: 'novantra-1' });
  });

  it('has its relative paths seen from its own directory', async () => {
    const { config } = await loadConfig(join(repository, 'config/recoverage.example.yaml'), {});
    expect(config.report.directory).toBe(join(repository, 'config/reports'));
    expect(config.install.bootstrapFile).toBe('/etc/novantra/bootstrap.env');
  });
});

describe('docs/attestations.md', () => {
  it('is fresh; node scripts/generate-docs.ts writes it anew', async () => {
    expect(await published('docs/attestations.md')).toBe(attestationsMarkdown());
  });

  it('says of every statement what it is about, or that nothing asks for it, and its example is valid', () => {
    const page = attestationsMarkdown();
    for (const statement of STATEMENTS) expect(page).toMatch(new RegExp(`\\| \`${statement}\` \\| [^|]+ \\| (?:–|\`)`));
    const [, example = ''] = /```yaml\n([^`]*)```/.exec(page) ?? [];
    expect(attestationsSchema.safeParse(parse(example)).success).toBe(true);
  });
});

describe('docs/configuration.md', () => {
  it('is fresh; node scripts/generate-docs.ts writes it anew', async () => {
    expect(await published('docs/configuration.md')).toBe(configurationMarkdown());
  });

  it('explains every setting, and none that does not exist', () => {
    const paths = configurationSettings().map(({ path }) => path);
    expect(paths.filter((path) => settingText(path) === undefined)).toEqual([]);
    const stale = Object.keys(SETTING_TEXTS).filter(
      (key) => !paths.some((path) => path === key || (key.startsWith('*.') && path.endsWith(key.slice(1)))),
    );
    expect(stale).toEqual([]);
  });
});
