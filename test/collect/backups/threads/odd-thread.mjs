import { parentPort } from 'node:worker_threads';

/* Stands for a reading thread: answers every artifact as empty, ends at `crash`, and never comes back from `endless`. */
parentPort?.on('message', (tasks) => {
  for (const { path } of tasks) {
    if (path === 'crash') process.exit(7);
    while (path === 'endless') {
      // As a hostile file might have it.
    }
  }
  parentPort?.postMessage(tasks.map(({ path }) => ({ recognition: { kind: 'empty', what: path } })));
});
