import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';

/** The database whose copies are looked for. */
export interface CopiedDatabase {
  readonly subject: Subject;
  readonly name: string;
  /** Name of its server as configured; null where that is not known. */
  readonly server: string | null;
  /** Where names without a schema are looked up; absent or null where that is not told. */
  readonly schemaName?: string | null;
  readonly runs: readonly Facts['backup-run'][];
  readonly plans: readonly Facts['backup-plan'][];
}
