import { type DumpFacts, unknownFacts } from './dump-reading.ts';
import { parseConnect, parseCopy, parseCreateDatabase } from './sql-names.ts';
import type { SqlEvents } from './sql-scanner.ts';
import { parseStartedOn } from './started-on.ts';

const VERBOSE_ENTRY = /^TOC entry \d+ \(class (\d+) OID (\d+)\)/;
const DATABASE_CLASS = 1262;
const ROLE_ATTRIBUTES = /^(?:CREATE|ALTER) ROLE (?:"(?:[^"]|"")*"|\S+) WITH (.*)$/su;

/** What a plain dump says about where it comes from: database, programs, time, roles. Mostly its beginning tells that. */
export interface PlainOrigin extends SqlEvents {
  /** Without tables and objects. */
  facts(): DumpFacts;
  /** The oid that the comment above gives for an object of a catalogue, null where it gives none. */
  oidFrom(catalogue: number): number | null;
  /**
   * Whether what follows tells no more of this: pg_dump makes and enters the database before all that is in it
   * (PostgreSQL source, pg_dump.c, `dumpDatabase`; pg_backup_archiver.c, `RestoreArchive`). Never so of a cluster.
   */
  isTold(): boolean;
}

export function createPlainOrigin(cluster: boolean): PlainOrigin {
  return new Origin(cluster);
}

class Origin implements PlainOrigin {
  private readonly cluster: boolean;
  private found: DumpFacts;
  private entry: { readonly catalogue: number; readonly oid: number } | null = null;
  private told = false;

  constructor(cluster: boolean) {
    this.cluster = cluster;
    this.found = unknownFacts(cluster ? 'pg_dumpall-plain' : 'pg_dump-plain');
  }

  facts(): DumpFacts {
    return this.found;
  }

  oidFrom(catalogue: number): number | null {
    return this.entry?.catalogue === catalogue ? this.entry.oid : null;
  }

  isTold(): boolean {
    return this.told;
  }

  comment(text: string): void {
    if (text.startsWith('TOC entry ')) {
      const [, catalogue, oid] = VERBOSE_ENTRY.exec(text) ?? [];
      if (catalogue !== undefined) this.entry = { catalogue: Number(catalogue), oid: Number(oid) };
    }
    if (!text.startsWith('Dumped') && !text.startsWith('Started')) return;
    const [label, value] = [text.replace(/ version .*| on .*/, ''), text.replace(/^.*?(?: version | on )/, '')];
    const { serverVersion, toolVersion } = this.found;
    if (label === 'Dumped from database') this.note({ serverVersion: serverVersion ?? value });
    if (label === 'Dumped by pg_dump') this.note({ toolVersion: toolVersion ?? value });
    if (label === 'Started') this.noteStart(value);
  }

  statement(text: string): ReturnType<SqlEvents['statement']> {
    if (text.startsWith('COPY ') && parseCopy(text) !== null) return 'rows';
    if (text.startsWith('CREATE ')) {
      const database = parseCreateDatabase(text);
      if (database === null) this.told = !this.cluster;
      else this.nameDatabase(database);
      if (database !== null && !this.cluster) this.note({ databaseOid: this.oidFrom(DATABASE_CLASS) });
      if (text.startsWith('CREATE ROLE ')) this.note({ holdsRoles: true });
      this.entry = null;
    }
    this.noteRole(text);
    if (text === 'SET standard_conforming_strings = off') return 'escapes';
    return text === 'SET standard_conforming_strings = on' ? 'no-escapes' : null;
  }

  command(line: string): void {
    const database = parseConnect(line);
    if (database === null) return;
    this.nameDatabase(database);
    this.told = !this.cluster;
  }

  private note(facts: Partial<DumpFacts>): void {
    this.found = { ...this.found, ...facts };
  }

  /** pg_dumpall writes the password of a role beside its attributes (pg_dumpall.c, `dumpRoles`); its value is left out here. */
  private noteRole(text: string): void {
    const attributes = this.cluster && text.includes(' ROLE ') ? ROLE_ATTRIBUTES.exec(text)?.[1] : undefined;
    if (attributes === undefined || !/\bLOGIN\b/.test(attributes)) return;
    const { total, withPassword } = this.found.loginRoles ?? { total: 0, withPassword: 0 };
    const more = /\bPASSWORD\b/.test(attributes) ? 1 : 0;
    this.note({ loginRoles: { total: total + 1, withPassword: withPassword + more } });
  }

  /** Of a cluster the names are those of its parts. */
  private nameDatabase(name: string): void {
    if (!this.cluster) this.note({ databaseName: this.found.databaseName ?? name });
  }

  private noteStart(text: string): void {
    const started = this.found.startedLocal === null ? parseStartedOn(text) : null;
    if (started !== null) this.note({ startedLocal: started.local, startedAt: started.at });
  }
}
