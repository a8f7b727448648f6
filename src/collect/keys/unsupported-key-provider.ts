import { SourceError } from '../../model/source-error.ts';
import type { KeyProvider } from './key-provider.ts';

/** A provider of a kind that this version cannot ask: every question about it is a blind spot, never silence. */
export function unsupportedKeyProvider(id: string, kind: string): KeyProvider {
  const unsupported = () =>
    Promise.reject(
      new SourceError(
        'unsupported',
        `key providers of kind ${kind} cannot be asked by this version`,
        'Check its keys by hand; the support table of the README names what can be asked.',
      ),
    );
  return {
    id,
    kind,
    locator: `${kind} ${id}`,
    operations: { state: 'none', key: 'none', rights: 'none' },
    state: unsupported,
    key: unsupported,
    rights: unsupported,
    observedDomain: () => null,
    clockOffsetMillis: () => null,
    mountUuid: () => null,
    close: () => undefined,
  };
}
