import type { DatabaseInCluster, DumpIntegrity, DumpReading } from './dump-reading.ts';
import { ROWS_FILTERED } from './row-security.ts';

/**
 * The databases inside an output of pg_dumpall that was read to its end, each as a dump of its own. The mark at the end
 * of the file covers all of them: without it none is complete, not even one that ends properly before.
 */
export function databasesInside(whole: DumpReading): readonly DumpReading[] {
  return whole.databases.map((database, index) => {
    const { name, tables, objects, sequencesWithoutValues, scope } = database;
    const isLast = index === whole.databases.length - 1;
    const integrity = integrityOf(database, whole.integrity, isLast);
    return {
      ...whole,
      databaseName: name,
      databases: [],
      holdsRoles: false,
      tables,
      objects,
      ...(sequencesWithoutValues === undefined ? {} : { sequencesWithoutValues }),
      scope,
      integrity,
    };
  });
}

/** No sentence about one database names what was found in another. */
function integrityOf({ ended, mayLackRows }: DatabaseInCluster, whole: DumpIntegrity, isLast: boolean): DumpIntegrity {
  if (whole.state === 'complete') {
    if (mayLackRows) return ROWS_FILTERED;
    return {
      state: 'complete',
      because:
        'the output of pg_dumpall that holds it was read to its end, which is the mark that covers all databases',
    };
  }
  if (whole.state === 'unproven') {
    return { state: 'unproven', because: `of the output of pg_dumpall that holds it: ${whole.because}` };
  }
  if (!ended && isLast) return { state: 'incomplete', because: `inside an output of pg_dumpall, ${whole.because}` };
  return {
    state: 'incomplete',
    because: ended
      ? 'the part of this database ends properly, but the output of pg_dumpall that holds it does not end in its mark, or is damaged'
      : 'the part of this database has no end, and the output of pg_dumpall that holds it is damaged',
  };
}
