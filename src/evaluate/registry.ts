import type { Control } from '../model/control.ts';
import { db1 } from './controls/db-1.ts';
import { db2 } from './controls/db-2.ts';
import { db3 } from './controls/db-3.ts';
import { db4 } from './controls/db-4.ts';
import { db5 } from './controls/db-5.ts';
import { db6 } from './controls/db-6.ts';
import { db7 } from './controls/db-7.ts';
import { db8 } from './controls/db-8.ts';
import { db9 } from './controls/db-9.ts';
import { db10 } from './controls/db-10.ts';
import { db11 } from './controls/db-11.ts';
import { db12 } from './controls/db-12.ts';
import { db13 } from './controls/db-13.ts';
import { db14 } from './controls/db-14.ts';
import { db15 } from './controls/db-15.ts';
import { db16 } from './controls/db-16.ts';
import { db17 } from './controls/db-17.ts';
import { file1 } from './controls/file-1.ts';
import { file2 } from './controls/file-2.ts';
import { file3 } from './controls/file-3.ts';
import { file4 } from './controls/file-4.ts';
import { file5 } from './controls/file-5.ts';
import { file6 } from './controls/file-6.ts';
import { file7 } from './controls/file-7.ts';
import { file8 } from './controls/file-8.ts';
import { file9 } from './controls/file-9.ts';
import { file10 } from './controls/file-10.ts';
import { host1 } from './controls/host-1.ts';
import { host2 } from './controls/host-2.ts';
import { host3 } from './controls/host-3.ts';
import { host4 } from './controls/host-4.ts';
import { host5 } from './controls/host-5.ts';
import { inv1 } from './controls/inv-1.ts';
import { inv2 } from './controls/inv-2.ts';
import { inv3 } from './controls/inv-3.ts';
import { inv4 } from './controls/inv-4.ts';
import { inv5 } from './controls/inv-5.ts';
import { inv6 } from './controls/inv-6.ts';
import { key1 } from './controls/key-1.ts';
import { key2 } from './controls/key-2.ts';
import { key3 } from './controls/key-3.ts';
import { key4 } from './controls/key-4.ts';
import { key5 } from './controls/key-5.ts';
import { key6 } from './controls/key-6.ts';
import { key7 } from './controls/key-7.ts';
import { key8 } from './controls/key-8.ts';
import { key9 } from './controls/key-9.ts';
import { key10 } from './controls/key-10.ts';
import { key11 } from './controls/key-11.ts';
import { key12 } from './controls/key-12.ts';
import { key13 } from './controls/key-13.ts';
import { rec1 } from './controls/rec-1.ts';
import { rec2 } from './controls/rec-2.ts';
import { rec3 } from './controls/rec-3.ts';
import { rec4 } from './controls/rec-4.ts';
import { rec5 } from './controls/rec-5.ts';
import { rst1 } from './controls/rst-1.ts';
import { rst2 } from './controls/rst-2.ts';
import { rst3 } from './controls/rst-3.ts';
import { rst4 } from './controls/rst-4.ts';
import { rst5 } from './controls/rst-5.ts';
import { rst6 } from './controls/rst-6.ts';
import { run1 } from './controls/run-1.ts';
import { run2 } from './controls/run-2.ts';
import { run3 } from './controls/run-3.ts';
import { run4 } from './controls/run-4.ts';

/** Every control that is judged. Adding one is its file and a line here; laws and documentation read this list. */
export const CONTROLS: readonly Control[] = [
  inv1,
  inv2,
  inv3,
  inv4,
  inv5,
  inv6,
  db1,
  db2,
  db3,
  db4,
  db5,
  db6,
  db7,
  db8,
  db9,
  db10,
  db11,
  db12,
  db13,
  db14,
  db15,
  db16,
  db17,
  key1,
  key2,
  key3,
  key4,
  key5,
  key6,
  key7,
  key8,
  key9,
  key10,
  key11,
  key12,
  key13,
  file1,
  file2,
  file3,
  file4,
  file5,
  file6,
  file7,
  file8,
  file9,
  file10,
  host1,
  host2,
  host3,
  host4,
  host5,
  rst1,
  rst2,
  rst3,
  rst4,
  rst5,
  rst6,
  rec1,
  rec2,
  rec3,
  rec4,
  rec5,
  run1,
  run2,
  run3,
  run4,
];
