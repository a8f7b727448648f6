/** What a small file of settings is, without names and values. */
export interface SettingsText {
  /** A text holds none. A crash of the system leaves such bytes where a file was being written. */
  readonly nulBytes: number;
  /** Lines that set a variable to a value. */
  readonly settings: number;
}

/** `NAME=value`, `export NAME=value`, `NAME: value`, and no comment. Source: systemd.exec(5), EnvironmentFile; dotenv. */
const SETTING = /^\s*(?:(?:export|set)\s+)?[A-Za-z_][\w.-]*\s*[=:]\s*(?!#)['"]?[^\s'"]/;

/** Counts what tells whether a file can be one of settings. Its text stays in this process. */
export function settingsText(contents: Uint8Array): SettingsText {
  let nulBytes = 0;
  for (const byte of contents) if (byte === 0) nulBytes += 1;
  const lines = new TextDecoder().decode(contents).split(/\r\n|\r|\n/);
  return { nulBytes, settings: lines.filter((line) => SETTING.test(line)).length };
}
