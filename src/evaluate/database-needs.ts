import { need } from './define-control.ts';

/** Statement by which an operator declares that a database was re-created or logically restored on a date. */
export const RECREATED = 'database-recreated';

/** Needs from which {@link ./copies.ts} says which copies of the judged database count. */
export const COPY_NEEDS = {
  copies: need('copy', 'self', 'more-helps'),
  states: need('database-state', 'self', 'either'),
  catalogues: need('catalogue', 'self', 'either'),
  recreations: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: [RECREATED] }),
} as const;
