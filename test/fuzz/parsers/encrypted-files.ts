import { readDumpFile } from '../../../src/collect/formats/pg-dump/read-dump.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { memoryByteReader } from '../../collect/memory-byte-reader.ts';
import { bytesOf, type FuzzedParser, oneFile } from '../fuzzed-parser.ts';

/** By age 1.1.1, for one X25519 recipient: binary, and in its armor. */
const AGE = Buffer.from(
  'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBNd0xaVFh1L3NFU0IwUnpMMS9WMGRMaHMrMVZ2bk1XOXJjeE5Ka3h2SG5rCmdBWk5LR3oySUVmMmFxNW42clROUHNqc0hocjlYZSs0eHl3ckhGQVQ2bm8KLS0tIEx0a0hic0gzUGhPaTlTNnBwRXRvREhmNDZpSlJzREVmZnJneXlMZlo5YlkKvIxxq55oRpSQv9uP/EWgHmmvt2U0CzGLT5QkODFV5AALDXPC2yw=',
  'base64',
);
const ARMORED_AGE = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBUQ1FiQ0s4a3dSYUtwMlpo
V2VQSkVBald3ajJSRHpvMG1mYUgxMWZKTm1BCkNwR2t4UTlpL01xMDlnSytLa00w
RU0xV3FnRHNVaktZK1d2SlVqVEU5VHcKLS0tIHhjRGJRZVZEVXpYTUpTYVNySEJU
Yjc3QklMVEJnN2M2cEtEMEtoY2d5TmMKacyuzueHOOqKqbfrqHWgYAVnwIu8+lK3
7DFuz2bqwV1wu/QTcRg=
-----END AGE ENCRYPTED FILE-----
`;
/** By GnuPG 2.2.40: for one key, and with a passphrase. */
const FOR_A_KEY = Buffer.from(
  'hF4DU3Jl0Fn/8NcSAQdAAuX53LkzZMEDh9r/W9pK06REnwv7wlUmyyAuPYoOqVkwrYztXsSEF0gQ9GcgOohtHADEjMMb9FNVq/7/xU1PQxW7N30zXVGCvcTvywwnvNpu0kEBMKS25f2nEtRY+/NnlO6Kl8b3nStc4jLU9GSGy0TA+dgnFzgViCxQSGXnxqDZDyGZnZt4nNueezS6Zkoqv0UyhA==',
  'base64',
);
const WITH_A_PASSPHRASE = Buffer.from(
  'jA0ECQMCCjzxQofI+2T/0jsBiFi8NDoFMjECoHt2ZvpZ7hEUdRn7/QgYcPco3eKH/uR5z5tyVSDw9PT+EktQ+hrY9YaQ0lbtjnliIA==',
  'base64',
);

export const ENCRYPTED_FILE_PARSERS: readonly FuzzedParser[] = (['structure', 'full'] as const).map((depth) => ({
  name: `files by age and GnuPG, ${depth}`,
  artifacts: () => [AGE, ARMORED_AGE, FOR_A_KEY, WITH_A_PASSPHRASE].map(oneFile),
  read: async (input, signal) => {
    const found = await readDumpFile(memoryByteReader(bytesOf(input), 1000), { depth, signal });
    return found.kind === 'dump' ? found.reading.integrity.state : found.kind;
  },
  declared: [SourceError],
}));
