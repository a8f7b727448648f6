import { PLANES } from '../../../model/report.ts';
import { PLANE_STATES_EXPLANATION, PLANE_WORDS } from '../../wording/words.ts';

const COLUMNS = PLANES.map((plane) => PLANE_WORDS[plane]);

/** What the template `organizations-start` asks for. */
export function organizationsStart(id: string, title: string, lead: string): object {
  return {
    id,
    title,
    lead,
    caption: `Verdict, the five planes and the moment to which it comes back. ${PLANE_STATES_EXPLANATION}`,
    planes: COLUMNS,
  };
}
