import { Pkcs11Failure } from './pkcs11-call.ts';
import { guardedModule } from './pkcs11-guard.ts';
import type { ChildFailure, Pkcs11Question, SentAnswer, SentQuestion } from './pkcs11-messages.ts';
import { provingModule } from './pkcs11-proof-guard.ts';
import { openToken, type Pkcs11Session } from './pkcs11-session.ts';

/*
 * What runs in the process of pkcs11-child.ts, and the only place where a vendor's module is loaded: it may hang or
 * crash, and ends nothing but this process. Questions come over the channel to the audit, the PIN among them, so that
 * neither arguments nor environment hold it. Where the channel ends, so does the process.
 */

let session: Pkcs11Session | null = null;

async function answerTo(question: Pkcs11Question): Promise<unknown> {
  if (question.ask === 'open') {
    const module = await loadModule(question.module);
    session = openToken(guardedModule(module), question.token, question.prove ? provingModule(module) : null);
    return session.token();
  }
  if (session === null) throw new Pkcs11Failure({ why: 'defect', detail: `asked ${question.ask} before open` });
  switch (question.ask) {
    case 'login':
      session.login(question.pin);
      return session.token();
    case 'token':
      return session.token();
    case 'keys':
      return session.objects(question.name);
    case 'names':
      return session.names();
    case 'prove':
      return session.prove(question.name, question.sample);
    case 'end':
      session.end();
      return null;
  }
}

async function loadModule(path: string) {
  const pkcs11js = await import('pkcs11js').catch(() => {
    throw new Pkcs11Failure({ why: 'not-installed' });
  });
  const module = new pkcs11js.default.PKCS11();
  try {
    module.load(path);
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'unknown error';
    throw new Pkcs11Failure({ why: 'not-loaded', detail: detail.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300) });
  }
  return module;
}

function failureOf(error: unknown): ChildFailure {
  if (error instanceof Pkcs11Failure) return error.failure;
  return {
    why: 'defect',
    detail: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown',
  };
}

function send(answer: SentAnswer): void {
  process.send?.(answer);
}

process.on('message', ({ number, question }: SentQuestion) => {
  answerTo(question)
    .then(
      (answer) => send({ number, answer }),
      (error: unknown) => send({ number, failure: failureOf(error) }),
    )
    .finally(() => {
      if (question.ask === 'end') process.disconnect();
    });
});
process.once('disconnect', () => process.exit());
