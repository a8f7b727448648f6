import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

const program = await createProgram(
  {
    stdout: { write: () => undefined },
    stderr: { isTerminal: false, write: () => undefined },
    environment: {},
    workingDirectory: '/',
    signal: new AbortController().signal,
    isInteractive: false,
    ask: () => Promise.resolve(''),
  },
  () => undefined,
);

describe.each(program.commands.map((command) => [command.name(), command] as const))('help of %s', (_, command) => {
  it('begins in lower case and ends without a period, for itself and every option', () => {
    const texts = [
      command.description(),
      ...[...command.options, ...command.registeredArguments].map(({ description }) => description),
    ];
    for (const text of texts) expect(text).toMatch(/^[a-z].*[^.]$/);
  });
});
