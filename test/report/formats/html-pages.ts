/** What a test asks of a page's markup. Written for the markup of our own templates, not for HTML at large. */
export interface HtmlPage {
  readonly ids: readonly string[];
  readonly hrefs: readonly string[];
  /** All text between tags and in labels, entities decoded, isolates removed. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#x27': "'",
  '#x60': '`',
  '#x3D': '=',
};

function decoded(text: string): string {
  return text.replace(/&([a-z]+|#x[0-9A-F]+);/g, (entity, name: string) => ENTITIES[name] ?? entity);
}

function attributes(html: string, name: string): readonly string[] {
  return [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map((match) => decoded(match[1] ?? ''));
}

export function parsePage(html: string): HtmlPage {
  const body = html.slice(html.indexOf('<body>'));
  return {
    ids: attributes(body, 'id'),
    hrefs: attributes(body, 'href'),
    text: decoded(body.replace(/<[^>]*>/g, '\n')).replace(/[\u2068\u2069]/g, ''),
  };
}

/** The address of a link seen from a page, as `file#fragment`, both relative to the report's directory. */
export function resolved(href: string, page: string): { readonly file: string; readonly fragment: string } {
  const url = new URL(href, `https://report.test/${page}`);
  return { file: url.pathname.slice(1), fragment: decodeURIComponent(url.hash.slice(1)) };
}
