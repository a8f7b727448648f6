/** Where an address of the install is asked. */
export interface Endpoint {
  /** A name without a final dot, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** @param url begins with https: */
export function endpointOf(url: string): Endpoint {
  const { hostname, port } = new URL(url);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1').replace(/(?<=.)\.$/, ''),
    port: port === '' ? 443 : Number(port),
  };
}

/** `host:port`, an IPv6 address in brackets (RFC 3986, 3.2.2). */
export function endpointText({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
