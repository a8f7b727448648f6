import type { Mistake } from './configuration-error.ts';
import type { Config } from './schema.ts';

/** Names in statements of who holds a key or a passphrase: each must be something that the configuration has. */
export function custodyMistakes({ providers, locations, stores, install }: Config): readonly Mistake[] {
  const known = {
    provider: new Set(providers.map(({ id }) => id)),
    location: new Set(locations.map(({ name }) => name)),
  };
  const check = (kind: keyof typeof known, name: string, path: string): readonly Mistake[] =>
    known[kind].has(name)
      ? []
      : [
          {
            path,
            problem: `${name} is not among the ${kind}s`,
            hint: `Add it to the ${kind}s, or mend its spelling; what is kept in no ${kind} of these is outside: "where".`,
          },
        ];
  return [
    ...providers.flatMap((provider, index) =>
      provider.kind === 'vault-transit' && provider.seal !== undefined && 'provider' in provider.seal
        ? check('provider', provider.seal.provider, `providers[${index}].seal.provider`)
        : [],
    ),
    ...stores.s3.flatMap(({ encryptedBy }, index) =>
      encryptedBy === undefined || !('provider' in encryptedBy)
        ? []
        : check('provider', encryptedBy.provider, `stores.s3[${index}].encryptedBy.provider`),
    ),
    ...locations.flatMap(({ encryptedBy, passphraseKeptIn }, index) => [
      ...(encryptedBy === undefined || !('provider' in encryptedBy)
        ? []
        : check('provider', encryptedBy.provider, `locations[${index}].encryptedBy.provider`)),
      ...(passphraseKeptIn ?? []).flatMap((place, at) => {
        const path = `locations[${index}].passphraseKeptIn[${at}]`;
        if ('provider' in place) return check('provider', place.provider, `${path}.provider`);
        if ('location' in place) return check('location', place.location, `${path}.location`);
        if ('host' in place && place.host.toLowerCase() !== install.host.toLowerCase()) {
          const hint = `The install host is ${install.host}; what is kept on another machine is outside: "which one".`;
          return [{ path: `${path}.host`, problem: `${place.host} is not the install host`, hint }];
        }
        return [];
      }),
    ]),
  ];
}
