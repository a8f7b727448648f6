import type { ChainLink, OrganizationSummary, Plane } from '../../../../model/report.ts';
import { asSentence } from '../../../wording/names.ts';
import { capitalized } from '../../../wording/numbers.ts';
import { CHAIN_STEP_WORDS, chainStateWord } from '../../../wording/words.ts';
import type { Flow } from '../flow.ts';
import { PLANE_SHAPES } from '../status-marks.ts';
import { rounded } from '../text-operators.ts';
import { COLOR, MARGIN, STYLE } from '../theme.ts';

const GAP = 16;
/** Of a box with one line for the step and one for its state. */
const LEAST_HEIGHT = 34;
const PADDING = 5;
const BELOW = 8;

/** Height that the drawn chain takes at most, without the sentences below it: a state may take two lines. */
export const CHAIN_HEIGHT = LEAST_HEIGHT + 12 + BELOW;

/** The steps of recovery as a row of boxes, in recovery order; the weakest has a heavy frame. Below it each step's sentence. */
export function drawChain(flow: Flow, chain: readonly ChainLink[], weakest: OrganizationSummary['weakestLink']): void {
  if (chain.length === 0) return;
  const { canvas, setter } = flow;
  const weak = weakestStep(chain, weakest?.plane ?? null);
  const width = (flow.width() - GAP * (chain.length - 1)) / chain.length;
  const boxes = chain.map((link) => ({
    link,
    lines: [
      ...setter.set({ text: CHAIN_STEP_WORDS[link.step], style: STYLE.cellMuted }, width - 12),
      ...setter.set({ text: chainStateWord(link), style: STYLE.strong, shape: PLANE_SHAPES[link.state] }, width - 12),
    ],
  }));
  const heights = boxes.map(({ lines }) => lines.reduce((sum, { style }) => sum + style.leading, 2 * PADDING));
  const height = Math.max(LEAST_HEIGHT, ...heights);
  flow.ensure(CHAIN_HEIGHT + 20);
  const top = flow.y;
  flow.begin('L');
  boxes.forEach(({ link, lines }, index) => {
    const x = MARGIN.left + index * (width + GAP);
    frame(flow, { x, y: top, width, height }, link === weak);
    if (index > 0) arrow(flow, x - GAP + 3, top + height / 2, GAP - 6);
    flow.begin('LI');
    const body = canvas.open(flow.within(), 'LBody');
    canvas.marked(body, () => {
      let y = top + PADDING;
      for (const line of lines) {
        flow.drawLine(line, x + 7, y);
        y += line.style.leading;
      }
    });
    canvas.close(body);
    flow.end();
    canvas.counts.textLines += lines.length;
  });
  flow.end();
  flow.y = top + height + BELOW;
  flow.list(
    chain.filter((link) => link.sentence !== '').map((link) => [{ text: stepSentence(link), style: STYLE.small }]),
    2,
  );
}

/** The step before its sentence, unless the sentence begins with it anyway. */
function stepSentence(link: ChainLink): string {
  const sentence = asSentence(link.sentence);
  const step = CHAIN_STEP_WORDS[link.step];
  return sentence.toLowerCase().startsWith(step.toLowerCase()) ? capitalized(sentence) : `${step}: ${sentence}`;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function frame(flow: Flow, { x, y, width, height }: Box, weak: boolean): void {
  const pen = weak ? `1.6 w ${COLOR.ink} RG` : `0.6 w ${COLOR.rule} RG`;
  flow.canvas.beneath(`${pen} ${COLOR.faint} rg ${rounded(x)} ${rounded(y)} ${rounded(width)} ${rounded(height)} re B`);
}

function arrow(flow: Flow, x: number, y: number, length: number): void {
  const tip = x + length;
  flow.canvas.beneath(
    `0.9 w ${COLOR.muted} RG ${COLOR.muted} rg ${rounded(x)} ${rounded(y)} m ${rounded(tip - 3)} ${rounded(y)} l S ${rounded(tip)} ${rounded(y)} m ${rounded(tip - 4)} ${rounded(y - 2.5)} l ${rounded(tip - 4)} ${rounded(y + 2.5)} l h f`,
  );
}

const STEPS: Readonly<Record<Plane, readonly ChainLink['step'][]>> = {
  host: ['host'],
  keys: ['key provider'],
  database: ['install database', 'tenant database'],
  files: ['files'],
  restore: [],
};

function weakestStep(chain: readonly ChainLink[], plane: Plane | null): ChainLink | undefined {
  if (plane === null) return undefined;
  const candidates = chain.filter((link) => STEPS[plane].includes(link.step));
  return candidates.find((link) => link.state === 'gap') ?? candidates.find((link) => link.state === 'unknown');
}
