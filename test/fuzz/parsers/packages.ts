import { readDebianPackage } from '../../../src/collect/formats/debian-package.ts';
import { minimalPackage } from '../../../src/demo/minimal-package.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { memoryByteReader } from '../../collect/memory-byte-reader.ts';
import { bytesOf, type FuzzedParser, oneFile } from '../fuzzed-parser.ts';

export const PACKAGE_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'Debian package',
    artifacts: () => [oneFile(minimalPackage('novantra-onprem', '4.2.1-1', 'amd64'))],
    read: async (input) => {
      const { damage, control } = await readDebianPackage(memoryByteReader(bytesOf(input), 1000));
      if (damage !== null) return 'damaged';
      return control === null ? 'not opened' : 'complete';
    },
    declared: [SourceError],
  },
];
