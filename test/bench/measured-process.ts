import { spawn } from 'node:child_process';
import { once } from 'node:events';

const PEAK_MEMORY = new URL('peak-memory.mjs', import.meta.url).href;

/**
 * Runs a program of Node in a process of its own.
 *
 * @param worstExitCode the highest one that is no failure
 * @returns the largest resident set in bytes, and the end of what it printed
 * @throws Error where it fails
 */
export async function measuredProcess(
  [program = '', ...args]: readonly string[],
  worstExitCode = 0,
): Promise<{ readonly peak: number; readonly output: string }> {
  const child = spawn(process.execPath, ['--import', PEAK_MEMORY, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const texts = ['', '', ''];
  for (const [index, stream] of [child.stdout, child.stderr, child.stdio[3]].entries()) {
    stream?.on('data', (chunk: Buffer) => {
      texts[index] = `${texts[index]}${chunk.toString('utf8')}`.slice(-4000);
    });
  }
  await once(child, 'close');
  process.removeListener('exit', kill);
  const [output = '', errors, peak] = texts;
  if (child.exitCode === null || child.exitCode > worstExitCode || !peak) {
    throw new Error(`${program} ${args[0]} failed (${child.exitCode ?? child.signalCode}): ${errors}`);
  }
  return { peak: Number(peak), output };
}
