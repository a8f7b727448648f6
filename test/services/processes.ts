import { readdirSync, readFileSync } from 'node:fs';

/**
 * Process ids whose command line names this text, read from /proc (proc(5), `cmdline`); on systems without /proc, none.
 * Tests give it the scratch folder of a server to show that nothing was left running.
 */
export function processesNaming(text: string): readonly number[] {
  let entries: readonly string[];
  try {
    entries = readdirSync('/proc');
  } catch {
    return [];
  }
  return entries.filter((entry) => /^\d+$/.test(entry) && commandLine(entry).includes(text)).map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
