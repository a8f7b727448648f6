import type { Progress } from '../collect/bundle-sink.ts';
import type { CommandIo } from './io.ts';

/** Shows where a long job is: one live line on a terminal, plain lines otherwise. Writes to stderr only. */
export interface ProgressLine {
  update(progress: Progress): void;
  /** Ends the live line, so that what follows begins on a fresh one. */
  end(): void;
}

/** Plain lines come at most this often, live ones ten times a second. */
const PLAIN_MILLIS = 5000;
const LIVE_MILLIS = 100;

export function progressLine(io: CommandIo, now: () => number = Date.now): ProgressLine {
  let phase = '';
  let phaseStart = now();
  let lastShown = 0;
  let live = false;
  return {
    update(progress) {
      const moment = now();
      const isNew = progress.phase !== phase;
      if (isNew) {
        phase = progress.phase;
        phaseStart = moment;
      }
      const isLast = progress.total !== null && progress.done === progress.total;
      const wait = io.stderr.isTerminal ? LIVE_MILLIS : PLAIN_MILLIS;
      if (!isNew && !isLast && moment - lastShown < wait) return;
      lastShown = moment;
      const text = progressText(progress, moment - phaseStart);
      if (io.stderr.isTerminal) {
        io.stderr.write(`\r\u001b[2K${text}`);
        live = true;
      } else io.stderr.write(`${text}\n`);
    },
    end() {
      if (live) io.stderr.write('\n');
      live = false;
    },
  };
}

/** `organizations: 120 of 1,000, 40/s, 22 s left`. */
export function progressText(progress: Progress, elapsedMillis: number): string {
  const { phase, done, total } = progress;
  if (done === 0) return total === null ? phase : `${phase} (${total.toLocaleString('en-US')} organizations)`;
  const rate = done / Math.max(elapsedMillis / 1000, 0.001);
  const speed = `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)}/s`;
  if (total === null) return `${phase}: ${done.toLocaleString('en-US')}, ${speed}`;
  const left = Math.max(0, Math.ceil((total - done) / rate));
  const time = left >= 120 ? `${Math.round(left / 60)} min left` : `${left} s left`;
  return `${phase}: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}, ${speed}, ${time}`;
}
