import { seededRandom } from './random.ts';

const SENTENCES = 20_000;
const WORDS =
  'account agreement amount approved archive attached balance before branch budget cancel carrier change charge client closed comment company confirmed contact contract copy country credit customer daily date debit delayed delivered delivery department deposit discount document draft due early entry estimate expense export final first follow forward freight goods handled import include increase insurance invoice item late ledger letter limit line list loan location manager market material meeting member message month notice number office open order outstanding overdue owner package paid parcel partial partner payment pending period permit person phone place plan policy price product project proposal purchase quarter quote rate reason receipt received reference refund region register reminder renewal report request return review sales schedule section service settled shipment signed site standard statement status stock storage supplier support tax team terms total transfer unit update urgent value vendor visit volume warehouse week weight wholesale'.split(
    ' ',
  );
const STATES = ['open', 'paid', 'shipped', 'returned', 'cancelled'];

/** The table whose COPY rows {@link generatedRows} makes. */
export const ROWS_TABLE = `CREATE TABLE %name% (
  id bigint NOT NULL, reference uuid NOT NULL, placed_at timestamp with time zone NOT NULL, state text NOT NULL,
  amount numeric(12,2) NOT NULL, quantity integer, email text NOT NULL, note text)`;

/**
 * Rows as COPY text (PostgreSQL documentation, COPY, "Text Format"): ids, uuids, times, amounts, words and some nulls.
 * They compress to a third, as rows of an application do. In pieces of some 64 KiB, up to `bytes` in all.
 */
export function* generatedRows(bytes: number, seed: number): Generator<string, void, undefined> {
  const random = seededRandom(seed);
  const word = (): string => WORDS[random.whole(WORDS.length)] ?? '';
  const sentences = Array.from({ length: SENTENCES }, () =>
    Array.from({ length: 4 + random.whole(9) }, word).join(' '),
  );
  const hex = (digits: number): string =>
    random
      .whole(16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  let [made, id, piece] = [0, 0, ''];
  while (made < bytes) {
    id += 1;
    const reference = `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(6)}${hex(6)}`;
    const placed = new Date(1_700_000_000_000 + random.whole(2 ** 31) * 20).toISOString();
    const note = random.percent(15)
      ? '\\N'
      : `${sentences[random.whole(SENTENCES)]} ${sentences[random.whole(SENTENCES)]}`;
    const amount = `${random.whole(1_000_000)}.${String(random.whole(100)).padStart(2, '0')}`;
    const row = `${id}\t${reference}\t${placed}\t${STATES[random.whole(STATES.length)]}\t${amount}\t${random.whole(500)}\t${word()}.${word()}${random.whole(10_000)}@example.org\t${note}\n`;
    made += row.length;
    piece += row;
    if (piece.length < 64 * 1024 && made < bytes) continue;
    yield piece;
    piece = '';
  }
}
