import { type DumpFacts, unknownFacts } from './dump-reading.ts';
import { parseConnect, parseCopy, parseCreateDatabase } from './sql-names.ts';
import type { SqlEvents } from './sql-scanner.ts';
import { parseStartedOn } from './started-on.ts';

const VERBOSE_ENTRY = /^TOC entry \d+ \(class (\d+) OID (\d+)\)/;
const DATABASE_CLASS = 1262;

/** What a plain dump says about where it comes from: database, programs, time, roles. Mostly its beginning tells that. */
export interface PlainOrigin extends SqlEvents {
  /** Without tables and objects. */
  facts(): DumpFacts;
  /** The oid that the comment above gives for an object of a catalogue, null where it gives none. */
  oidFrom(catalogue: number): number | null;
}

export function createPlainOrigin(cluster: boolean): PlainOrigin {
  let found: DumpFacts = unknownFacts(cluster ? 'pg_dumpall-plain' : 'pg_dump-plain');
  let entry: { catalogue: number; oid: number } | null = null;

  const oidFrom = (catalogue: number): number | null => (entry?.catalogue === catalogue ? entry.oid : null);
  /** Of a cluster the names are those of its parts. */
  const nameDatabase = (name: string): void => {
    if (!cluster) found = { ...found, databaseName: found.databaseName ?? name };
  };

  const noteStart = (text: string): void => {
    const started = found.startedLocal === null ? parseStartedOn(text) : null;
    if (started !== null) found = { ...found, startedLocal: started.local, startedAt: started.at };
  };

  return {
    facts: () => found,
    oidFrom,
    comment: (text) => {
      if (text.startsWith('TOC entry ')) {
        const [, catalogue, oid] = VERBOSE_ENTRY.exec(text) ?? [];
        if (catalogue !== undefined) entry = { catalogue: Number(catalogue), oid: Number(oid) };
      }
      if (!text.startsWith('Dumped') && !text.startsWith('Started')) return;
      const [label, value] = [text.replace(/ version .*| on .*/, ''), text.replace(/^.*?(?: version | on )/, '')];
      if (label === 'Dumped from database') found = { ...found, serverVersion: found.serverVersion ?? value };
      if (label === 'Dumped by pg_dump') found = { ...found, toolVersion: found.toolVersion ?? value };
      if (label === 'Started') noteStart(value);
    },
    statement: (text) => {
      if (text.startsWith('COPY ') && parseCopy(text) !== null) return 'rows';
      if (text.startsWith('CREATE ')) {
        const database = parseCreateDatabase(text);
        if (database !== null) nameDatabase(database);
        if (database !== null && !cluster) found = { ...found, databaseOid: oidFrom(DATABASE_CLASS) };
        if (text.startsWith('CREATE ROLE ')) found = { ...found, holdsRoles: true };
        entry = null;
      }
      if (text === 'SET standard_conforming_strings = off') return 'escapes';
      return text === 'SET standard_conforming_strings = on' ? 'no-escapes' : null;
    },
    command: (line) => {
      const database = parseConnect(line);
      if (database !== null) nameDatabase(database);
    },
  };
}
