import { SourceError } from '../../model/source-error.ts';
import type { KeyProvider } from './key-provider.ts';

/** A provider that cannot be asked: every question about it becomes the blind spot of `error`, never silence. */
export function unansweringKeyProvider(id: string, kind: string, error: unknown): KeyProvider {
  const refuse = () => Promise.reject(error);
  return {
    id,
    kind,
    locator: `${kind} ${id}`,
    operations: { state: 'none', key: 'none', rights: 'none' },
    state: refuse,
    key: refuse,
    settings: refuse,
    rotation: refuse,
    rights: refuse,
    observedDomain: () => null,
    clockOffsetMillis: () => null,
    mountUuid: () => null,
    close: () => undefined,
  };
}

/** What a configured provider of a kind without support answers. */
export function unsupportedKind(kind: string): SourceError {
  return new SourceError(
    'unsupported',
    `key providers of kind ${kind} cannot be asked by this version`,
    'Check its keys by hand; the support table of the README names what can be asked.',
  );
}
