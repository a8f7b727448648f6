/** Whether a host is the very machine that asks for it, by its address or by a name of that (RFC 6890, RFC 6761). */
export function isLoopbackHost(host: string): boolean {
  const plain = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (plain.includes(':')) return plain === '::1' || /^::ffff:(?:127\.|7f[0-9a-f]{2}:)/.test(plain);
  return /^127(?:\.\d{1,3}){3}$/.test(plain) || plain === 'localhost' || plain.endsWith('.localhost');
}

/** The same of the host in a URL; false for what is no URL. */
export function isLoopbackUrl(address: string): boolean {
  const host = URL.parse(address.trim())?.hostname ?? '';
  return host !== '' && isLoopbackHost(host);
}
