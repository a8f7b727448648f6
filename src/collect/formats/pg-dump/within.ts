import { InputEnds } from '../byte-cursor.ts';
import { DumpDamage } from './dump-reading.ts';

/** Runs a reading step and words the end of the input as damage: `where` continues "the file ends …". @throws DumpDamage */
export async function within<T>(where: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof InputEnds) throw new DumpDamage(`the file ends ${where}`, { cause: error });
    throw error;
  }
}
