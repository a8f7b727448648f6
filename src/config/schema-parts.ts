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

export const tls = {
  /** `verify-full` checks certificate and host name; `disable` sends the password and data unprotected. */
  tls: z.enum(['verify-full', 'disable']).default('verify-full'),
  caFile: path.optional(),
};

/**
 * Address of a service, `https://host:port`. One with its sign-in holds a password, and what is printed would show it.
 *
 * @param protocol what it may begin with; default: anything
 */
export function serviceAddress(protocol?: RegExp): z.ZodURL {
  return z
    .url(protocol === undefined ? {} : { protocol })
    .refine((text) => !text.includes('@'), { error: 'an address without user and password' });
}

export const s3Access = {
  region: z.string().min(1).default('us-east-1'),
  endpoint: serviceAddress().optional(),
  forcePathStyle: z.boolean().default(false),
  accessKeyId: secretReference,
  secretAccessKey: secretReference,
  sessionToken: secretReference.optional(),
  /** True where the bucket's owner lets those who ask pay for it. */
  requesterPays: z.boolean().default(false),
  caFile: path.optional(),
};

/** A place that no loss of the install reaches, in words. */
const outside = z.string().regex(/\S/, { error: 'a text that says something' });

/** Who holds a key. */
export const keyHolderSchema = z.union([
  z.strictObject({ provider: z.string().min(1), key: z.string().min(1).optional() }),
  z.strictObject({ outside, key: z.string().min(1).optional() }),
]);

/** Where a passphrase is kept: each place is enough by itself. */
export const keptInSchema = z.union([
  z.strictObject({ provider: z.string().min(1) }),
  z.strictObject({ location: name }),
  z.strictObject({ host: z.string().min(1) }),
  z.strictObject({ outside }),
]);
