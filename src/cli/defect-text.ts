/** What is said of an error that nobody foresaw, with its trace. */
export function defectText(error: unknown): string {
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This is a defect of recoverage; nothing it printed before this line can be relied on.\n${trace}\n`;
}
