import { parentPort } from 'node:worker_threads';

/* Stands for a reading thread: answers every artifact as empty, ends at `crash`, and never comes back from `endless`. */
parentPort?.on('message', ({ places }) => {
  for (const { path } of places) {
    if (path === 'crash') process.exit(7);
    while (path === 'endless') {
      // As a hostile file might have it.
    }
  }
  const whole = places.map(({ path }, index) => [index, { recognition: { kind: 'empty', what: path } }]);
  parentPort?.postMessage({
    length: places.length,
    whole,
    numbers: new Uint32Array(0),
    startedLocal: [],
    startedAt: [],
    bytesRead: new Float64Array(0),
  });
});
