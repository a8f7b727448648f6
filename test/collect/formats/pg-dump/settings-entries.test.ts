import { describe, expect, it } from 'vitest';
import { assertSettingsEntry, isSettingsEntry } from '../../../../src/collect/formats/pg-dump/settings-entries.ts';

describe('entries with settings of an archive', () => {
  it.each([
    ['ENCODING', "SET client_encoding = 'UTF8';\n"],
    ['ENCODING', "SET client_encoding = 'LATIN9';\n"],
    ['STDSTRINGS', "SET standard_conforming_strings = 'on';\n"],
    ['STDSTRINGS', "SET standard_conforming_strings = 'off';\n"],
    ['SEARCHPATH', "SELECT pg_catalog.set_config('search_path', '', false);\n"],
  ])('%s: %j is taken', (description, definition) => {
    expect(isSettingsEntry(description)).toBe(true);
    expect(() => assertSettingsEntry(description, definition)).not.toThrow();
  });

  it.each([
    ['ENCODING', "SET client_encoding = 'UTF9';\n"],
    ['ENCODING', "SET client_encoding = 'UTF8"],
    ['ENCODING', ''],
    ['ENCODING', null],
    ['STDSTRINGS', "SET standard_conforming_strings = 'mn';\n"],
    ['STDSTRINGS', "SET standard_conforming_strings = 'on"],
    ['STDSTRINGS', null],
    ['SEARCHPATH', null],
  ])('%s: %j is refused', (description, definition) => {
    expect(() => assertSettingsEntry(description, definition)).toThrow(`entry ${description}`);
  });

  it('other entries are none', () => {
    for (const description of ['TABLE', 'toString', '']) expect(isSettingsEntry(description)).toBe(false);
  });
});
