/** Names that try to break an output, by position. Bytes of every kind that a database may hand out. */
export const HOSTILE_NAMES: readonly string[] = [
  '<script>alert(1)</script>',
  "=cmd|' /C calc'!A0",
  'مؤسسة السلام 42 للنشر',
  'line one\nline two\r\nline three',
  '\u202Etxt.exe\u202C \u2066hidden\u2069',
  '🏥 Clinic 👩‍⚕️ “Zürich” 東京',
  `very long ${'x'.repeat(9990)}`,
  '"; DROP TABLE organizations; -- {{constructor}} </style></html>',
  '\u0000\u0007\u001B[31mred\u001B[0m',
  '../../etc/passwd',
  '  =1+1',
  '&amp; &lt;b&gt; 100 % "quoted", comma; semicolon\ttab',
];

const PLAIN_NAMES: readonly string[] = [
  'Acme',
  'Birch Clinic',
  'Cobalt Labs',
  'Delta Freight',
  'Elm Street Books',
  'Fjord Energy',
  'Granite Legal',
  'Harbour Foods',
  'Ivy Schools',
  'Juniper Care',
  'Kestrel Air',
  'Linden Bank',
];

/** Every second name is hostile where asked for; else harmless. */
export function sampleName(index: number, hostile: boolean): string {
  const name = HOSTILE_NAMES[(index >> 1) % HOSTILE_NAMES.length];
  if (hostile && index % 2 === 1 && name !== undefined) return name;
  const plain = PLAIN_NAMES[index % PLAIN_NAMES.length] ?? 'Acme';
  return index < PLAIN_NAMES.length ? plain : `${plain} ${Math.floor(index / PLAIN_NAMES.length) + 1}`;
}

/** A name as it would stand in a slug or a database's name; hostile ones are left as they are. */
export function slugOf(name: string, separator: string): string {
  return /^[A-Za-z0-9 ]+$/.test(name) ? name.toLowerCase().replaceAll(' ', separator) : name;
}
