import type { DumpReading, DumpRecognition } from '../formats/pg-dump/dump-reading.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';

/** Endings of the first part, as split(1) and archivers number them: `.aa`, `.00`, `.000`, `.001`, `.part1`. */
const FIRST_PART = /^(.*[._-])(a{2,}|0{2,}|0{2,}1|part[._-]?0*[01])$/i;

/**
 * The files that look like the first of several parts, each with the path of the second, which lies beside it and is no
 * larger: nothing puts them together.
 */
export function firstParts(files: readonly ArtifactFile[]): ReadonlyMap<string, string> {
  const firsts = files.flatMap(({ path, bytes }) => {
    const next = secondPart(path);
    return next === null ? [] : [{ path, bytes, next }];
  });
  if (firsts.length === 0) return new Map();
  const wanted = new Set(firsts.map(({ next }) => next));
  const there = new Map(files.filter(({ path }) => wanted.has(path)).map(({ path, bytes }) => [path, bytes]));
  return new Map(
    firsts.flatMap(({ path, bytes, next }): readonly (readonly [string, string])[] => {
      const second = there.get(next);
      return second === undefined || second > bytes ? [] : [[path, next]];
    }),
  );
}

function secondPart(path: string): string | null {
  const [, start, ending] = FIRST_PART.exec(path) ?? [];
  if (start === undefined || ending === undefined) return null;
  const last = ending.slice(-1);
  const next = { a: 'b', A: 'B', '0': '1', '1': '2' }[last];
  return next === undefined ? null : `${start}${ending.slice(0, -1)}${next}`;
}

/** A reading of what looks like a first part: that it ends too soon says nothing about the whole. */
export function partReading(reading: DumpReading, secondPart: string | undefined): DumpReading {
  if (secondPart === undefined || reading.integrity.state !== 'incomplete') return reading;
  const name = secondPart.slice(secondPart.lastIndexOf('/') + 1);
  const because = `it looks like the first of several parts, which are not put together (${name} lies beside it)`;
  return { ...reading, integrity: { state: 'unproven', because } };
}

/** The same of what a file was recognized as. */
export function partRecognition(recognition: DumpRecognition, secondPart: string | undefined): DumpRecognition {
  if (recognition.kind !== 'dump') return recognition;
  return { kind: 'dump', reading: partReading(recognition.reading, secondPart) };
}
