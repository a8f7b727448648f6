import type { DumpIntegrity } from './dump-reading.ts';

/**
 * pg_dump turns row security off, and fails where its role may not read every row, unless it was called with
 * `--enable-row-security` (pg_dump documentation). Only the script of plain and tar dumps tells the option.
 */
export const ROW_SECURITY_ON = 'SET row_security = on';

/** The verdict on a whole dump that was made with row security on and holds tables that have policies. */
export const ROWS_FILTERED: DumpIntegrity = {
  state: 'unproven',
  because:
    'it was made with --enable-row-security, so that rows which its role may not see are missing: leave the option out',
};
