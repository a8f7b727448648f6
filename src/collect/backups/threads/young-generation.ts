import { setFlagsFromString } from 'node:v8';

let inside = 0;

/**
 * Does work that keeps most of what it makes, such as the readings of a hundred thousand files, while the space for new
 * objects stays as it is. The engine would let it grow tenfold, which such work does not gain from, and never gives it
 * back: a third of all memory of a large scan. The factor is looked at whenever that space is full, so that it may be
 * changed at any time (V8, heap/heap.cc, `NewSpace::Grow`); what the user set is not known, so that the default returns.
 */
export async function keepingYoungGeneration<T>(work: () => Promise<T>): Promise<T> {
  inside += 1;
  if (inside === 1) setFlagsFromString('--semi-space-growth-factor=1');
  try {
    return await work();
  } finally {
    inside -= 1;
    if (inside === 0) setFlagsFromString('--semi-space-growth-factor=2');
  }
}
