import dns from 'node:dns';

/*
 * Loaded by what asks the Azure fixture, before anything else (tests import it, a command line gets it by --import). Its
 * names must end in the domain that a challenge names, as those of real vaults do, and no name service knows them:
 * names below azure.test, a domain that nobody can register (RFC 6761), are this host's.
 */

const lookup = dns.lookup;

function lookupOfFixture(name: string, ...rest: readonly unknown[]): void {
  const asked = name.endsWith('.azure.test') ? '127.0.0.1' : name;
  Reflect.apply(lookup, dns, [asked, ...rest]);
}

dns.lookup = lookupOfFixture as typeof dns.lookup;
