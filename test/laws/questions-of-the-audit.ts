import { DAY, HOUR, MINUTE } from '../../src/model/instant.ts';
import {
  ago,
  CLUSTER,
  HOST,
  INSTALL,
  INSTALL_DATABASE,
  PROVIDER,
  TENANT_DATABASE,
  TENANT_STORE,
} from '../evaluate/fixture.ts';
import { LOCATIONS, questioner } from './question.ts';

const { made, ask } = questioner();

for (const audited of [
  INSTALL,
  INSTALL_DATABASE,
  TENANT_DATABASE,
  CLUSTER,
  PROVIDER,
  TENANT_STORE,
  HOST,
  ...LOCATIONS,
]) {
  ask(audited, 'access-rights', {}, { canWrite: [true] }, [0, 2]);
  ask(audited, 'clock', {}, { offsetMillis: [20 * MINUTE, -20 * MINUTE], uncertaintyMillis: [10 * MINUTE] }, [0, 2]);
}

ask(INSTALL, 'planted-gap', {}, { withGap: ['pass', 'unknown'], without: ['fail'] }, [0, 3]);
ask(INSTALL, 'previous-report', {}, { finishedAt: [ago(2 * HOUR), ago(40 * DAY), ago(-DAY)], linked: [false] }, [0, 1]);

/** What is asked about the audit itself: rights and clocks. */
export const AUDIT_QUESTIONS = made;
