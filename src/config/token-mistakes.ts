import { isDeepStrictEqual } from 'node:util';
import type { Mistake } from './configuration-error.ts';
import type { Pkcs11AccessConfig } from './provider-schema.ts';
import type { Config } from './schema.ts';

type Token = Pick<Pkcs11AccessConfig, 'module' | 'tokenLabel' | 'tokenSerial' | 'environment'>;

/** Slots are no names of tokens, as their numbers change; and no token stands in for itself. */
export function tokenMistakes(provider: Config['providers'][number], path: string): readonly Mistake[] {
  if (provider.kind !== 'pkcs11') return [];
  const { peer } = provider;
  const unnamed = [
    ...(isUnnamed(provider) ? [path] : []),
    ...(peer !== undefined && isUnnamed(peer) ? [`${path}.peer`] : []),
  ].map((place) => ({
    path: place,
    problem: 'names no token',
    hint: 'State tokenLabel, tokenSerial or both: pkcs11-tool --module MODULE --list-token-slots shows them.',
  }));
  if (unnamed.length > 0 || peer === undefined || !isDeepStrictEqual(reached(provider), reached(peer))) return unnamed;
  return [
    {
      path: `${path}.peer`,
      problem: 'names the very token that it is to stand in for',
      hint: 'Name the other token that holds the same keys, or no peer.',
    },
  ];
}

function isUnnamed({ tokenLabel, tokenSerial }: Token): boolean {
  return tokenLabel === undefined && tokenSerial === undefined;
}

/** All that tells which token is reached: one module finds the same by the same names and environment. */
function reached({ module, tokenLabel, tokenSerial, environment }: Token): Token {
  return { module, tokenLabel, tokenSerial, environment };
}
