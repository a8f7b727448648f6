import { isSegmentName } from '../wal-segments.ts';

/** What a server's `xlog.db` lists. Memory grows with the number of segments only. */
export interface SegmentList {
  readonly segments: ReadonlySet<string>;
  /** Lines that are none of Barman's. */
  readonly damagedLines: number;
}

const LONGEST_LINE = 4096;
/** name, size, time, then the compression (since release 1.3) and the encryption (since 3.14). */
const LINE = /^(\S+)\s+\d+\s+\d+(?:\.\d+)?(?:e[+-]?\d+)?(?:\s+\S+){0,2}$/;
/** Segments and what else Barman archives: history files, backup labels, the last part of a timeline. */
const NAME = /^[0-9A-F]{8}(?:\.history|[0-9A-F]{16}(?:\.partial|\.[0-9A-F]{8}\.backup)?)$/;

/** Reads an `xlog.db` (barman/infofile.py, WalFileInfo.to_xlogdb_line): one archived file a line. */
export async function readSegmentList(chunks: AsyncIterable<Uint8Array>): Promise<SegmentList> {
  const segments = new Set<string>();
  const decoder = new TextDecoder('latin1');
  let damagedLines = 0;
  const read = (line: string): void => {
    if (line.trim() === '') return;
    const name = LINE.exec(line.trim())?.[1];
    if (name === undefined || !NAME.test(name)) damagedLines += 1;
    else if (isSegmentName(name)) segments.add(name);
  };
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) read(line);
    // What is no list has no line feeds either, and need not be kept.
    if (rest.length > LONGEST_LINE) rest = rest.slice(0, LONGEST_LINE);
  }
  read(rest);
  return { segments, damagedLines };
}
