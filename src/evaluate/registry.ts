import type { Control } from '../model/control.ts';
import { db2 } from './controls/db-2.ts';
import { key1 } from './controls/key-1.ts';
import { key2 } from './controls/key-2.ts';
import { key3 } from './controls/key-3.ts';
import { key4 } from './controls/key-4.ts';
import { key5 } from './controls/key-5.ts';
import { key6 } from './controls/key-6.ts';
import { key7 } from './controls/key-7.ts';
import { key8 } from './controls/key-8.ts';
import { key13 } from './controls/key-13.ts';

/** Every control that is judged. Adding one is its file and a line here; laws and documentation read this list. */
export const CONTROLS: readonly Control[] = [db2, key1, key2, key3, key4, key5, key6, key7, key8, key13];
