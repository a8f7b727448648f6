import { parentPort } from 'node:worker_threads';

/* Stands for a reading thread: answers every artifact as empty, ends at `crash`, and never comes back from `endless`. */
parentPort?.on('message', ({ places }) => {
  for (const { path } of places) {
    if (path === 'crash') process.exit(7);
    while (path === 'endless') {
      // As a hostile file might have it.
    }
  }
  parentPort?.postMessage(places.map(({ path }) => ({ recognition: { kind: 'empty', what: path } })));
});
