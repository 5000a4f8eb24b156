/**
 * The page as a document: a head, the shapes, and what is there before its script runs, or where none does. The style
 * and the script stand in it, so that one request brings everything.
 */

export interface PageParts {
  /** CSS. */
  readonly style: string;
  /** One JavaScript module without imports. */
  readonly script: string;
}

/** By verdict; drawn in the colour of the text around them. The fuller the worse. */
const SHAPES = {
  down: '<path fill-rule="evenodd" d="M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2zm1.6 4.9L6.7 8l-2.1 2.1 1.3 1.3L8 9.3l2.1 2.1 1.3-1.3L9.3 8l2.1-2.1-1.3-1.3L8 6.7 5.9 4.6z"/>',
  partial:
    '<path d="M8 1a7 7 0 0 0 0 14z"/><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2"/>',
  suspect: '<path d="M8 1.5 15.5 14.5H.5z"/>',
  unknown:
    '<rect x="3" y="3" width="10" height="10" rx="1.5" fill="none" stroke="currentColor" stroke-width="2"/>',
  up: '<circle cx="8" cy="8" r="5"/>',
  silent: '<path d="M4 7.2h8v1.6H4z"/>',
} as const;

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230b57a4'/%3E" +
  "%3Cpath d='M8 2v12M8 4.6a3.6 3.4 0 1 0 0 6.8 3.6 3.4 0 1 0 0-6.8z' fill='none' stroke='white' stroke-width='1.6'/%3E%3C/svg%3E";

const LINKS = `<p><a href="/targets">What this monitor sees now</a>, as JSON · <a href="/metrics">Metrics</a> ·
<a href="/cluster">Cluster</a> · <a href="/events">Events</a> · <a href="/config">Config</a> · <a href="/openapi">API</a></p>`;

/** What the script and the style are allowed by; they must stand in the document exactly as they are here. */
export function renderShell({ style, script }: PageParts): string {
  const shapes = Object.entries(SHAPES)
    .map(([name, drawn]) => `<symbol id="shape-${name}" viewBox="0 0 16 16">${drawn}</symbol>`)
    .join("");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>phi</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="${ICON}"><style>${style}</style></head>
<body><svg class="shapes" aria-hidden="true" width="0" height="0">${shapes}</svg><div id="app"></div>
<noscript><h1>phi</h1><p>The page is drawn by a script, and this browser runs none.</p>
${LINKS}</noscript>
<script type="module">${script}</script></body></html>
`;
}

/** What is shown by a build that carries no page: an isolate need not. */
export function renderPlain(): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>phi</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>phi</h1><p>This build carries no page.</p>
${LINKS}</body></html>
`;
}
