import { parentPort } from 'node:worker_threads';

/* Stands for a listing thread that tells a part of what is there, and ends. */
const files = {
  paths: ['seen'],
  bytes: Float64Array.of(1),
  modifiedAt: ['2026-11-22T12:00:00.000Z'],
  versions: ['1'],
  linked: [undefined],
};
parentPort?.postMessage({ files, links: [] });
