import { open, readdir } from 'node:fs/promises';

/*
 * The least that looking at a tree takes in Node: lists it and reads the first 4 KiB of each file, several at a time.
 * Prints the seconds it took. Arguments: the directory, how many files it holds, how many are read at a time.
 */
const [root, files, atOnce] = process.argv.slice(2);
const started = performance.now();
const paths = [];
const directories = [root];
for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    (entry.isDirectory() ? directories : paths).push(`${directory}/${entry.name}`);
  }
}
const queue = paths.values();
const work = async () => {
  const buffer = Buffer.alloc(4096);
  for (const path of queue) {
    const handle = await open(path);
    await handle.read(buffer, 0, buffer.length, 0);
    await handle.close();
  }
};
await Promise.all(Array.from({ length: Number(atOnce) }, work));
const seconds = (performance.now() - started) / 1000;
if (paths.length !== Number(files)) throw new Error(`${paths.length} files found instead of ${files}`);
process.stdout.write(String(seconds));
