import { readFileSync, writeSync } from 'node:fs';

/*
 * Loaded with --import before the program: at the end of its process it writes the largest resident set in bytes to
 * file descriptor 3. On Linux that is VmHWM of proc(5); ru_maxrss of getrusage(2) would still count what the parent
 * had when it made the process.
 */
const RESULT_DESCRIPTOR = 3;
const KIBIBYTE = 1024;

function peakBytes() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * KIBIBYTE;
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kibibytes) * KIBIBYTE;
}

process.on('exit', () => {
  writeSync(RESULT_DESCRIPTOR, String(peakBytes()));
});
