import { z } from 'zod';

/** Kinds of values that many settings have. */

export const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
  error: 'a name of up to 63 letters, digits, dots, dashes and underscores',
});
export const path = z.string().min(1);

/** `env:NAME` or `file:PATH`: where a secret is, never the secret. */
export const secretReference = z.string().regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, {
  error: 'a reference to a secret: env:NAME of an environment variable, or file:PATH',
});

/**
 * Where a PostgreSQL server listens: the directory of a socket, a name, an IPv4 or an IPv6 address with its zone (RFC
 * 4007). An address with its sign-in, such as a connection URI, is none: it holds a password.
 */
export const serverHost = z
  .string()
  .regex(/^(?:\/(?!\/)\S*|[^\s/@,:]+|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?)$/, {
    error: 'a host name, an address or the absolute directory of a socket, without user, password, port or database',
  });
