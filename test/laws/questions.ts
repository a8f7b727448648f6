import type { Question } from './question.ts';
import { DATABASE_QUESTIONS } from './questions-of-databases.ts';
import { FILE_QUESTIONS } from './questions-of-files.ts';
import { INSTALL_QUESTIONS } from './questions-of-install.ts';
import { KEY_QUESTIONS } from './questions-of-keys.ts';
import { PLACE_QUESTIONS } from './questions-of-places.ts';
import { AUDIT_QUESTIONS } from './questions-of-the-audit.ts';

/** Everything that collectors ask in the worlds of the laws. */
export const QUESTIONS: readonly Question[] = [
  ...DATABASE_QUESTIONS,
  ...KEY_QUESTIONS,
  ...PLACE_QUESTIONS,
  ...INSTALL_QUESTIONS,
  ...FILE_QUESTIONS,
  ...AUDIT_QUESTIONS,
];
