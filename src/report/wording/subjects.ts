import type { Loss } from '../../model/policy.ts';
import type { Subject } from '../../model/subject.ts';
import { neutralize } from './names.ts';

/** A subject as readers call it, e.g. `Tenant database acme`, `Install database`, `Key provider vault-main`. Harmless to print. */
export function subjectLabel(subject: Subject): string {
  const name = neutralize(subject.name);
  const own = subject.organizationId !== null;
  switch (subject.kind) {
    case 'install':
      return `Install ${name}`;
    case 'organization':
      return `Organization ${name}`;
    case 'database':
      return own ? `Tenant database ${name}` : 'Install database';
    case 'cluster':
      return `Database cluster ${name}`;
    case 'keyring':
      return own ? `Keyring ${name}` : 'Install keyring';
    case 'provider':
      return `Key provider ${name}`;
    case 'location':
      return `Location ${name}`;
    case 'store':
      return `File store ${name}`;
    case 'host':
      return `Host ${name}`;
  }
}

/** What is taken to be lost, e.g. `the host install-1` or `everything at the site fra-1`. */
export function lossText(loss: Loss): string {
  const name = neutralize(loss.name);
  switch (loss.level) {
    case 'host':
      return `the host ${name}`;
    case 'site':
      return `everything at the site ${name}`;
    case 'account':
      return `everything in the account ${name}`;
    case 'region':
      return `everything in the region ${name}`;
  }
}
