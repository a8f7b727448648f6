import { gunzip } from '../gzip-stream.ts';
import type { Wrapping } from './wrapping.ts';

/** RFC 1952. */
export const gzip: Wrapping = {
  name: 'gzip',
  article: 'a',
  magic: '1f8b',
  endings: ['.gz', '.tgz'],
  open: (compressed) => gunzip(compressed),
};
