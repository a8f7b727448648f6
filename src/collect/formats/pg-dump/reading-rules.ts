import type { DumpFormat } from './dump-reading.ts';

/**
 * The rules by which each format is read to its end, as a number: raise it where a reader comes to tell more, or judges
 * otherwise than before. What was verified by other rules is read again.
 */
export const READING_RULES: Readonly<Record<DumpFormat, number>> = {
  'pg_dump-custom': 3,
  'pg_dump-directory': 4,
  'pg_dump-tar': 4,
  'pg_dump-plain': 4,
  'pg_dumpall-plain': 4,
};
