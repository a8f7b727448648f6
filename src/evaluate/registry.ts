import type { Control } from '../model/control.ts';
import { db2 } from './controls/db-2.ts';

/** Every control that is judged. Adding one is its file and a line here; laws and documentation read this list. */
export const CONTROLS: readonly Control[] = [db2];
