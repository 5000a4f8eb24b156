/**
 * The page's style, kept small and whole: it is part of the page, so that looking at it needs one request.
 * Colours are Okabe and Ito's, which people with any colour vision can tell apart; no colour is ever the
 * only sign of anything.
 */

export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #57606a; --paper: #fff; --line: #d8dee4;
  --rail: #e6eaee; --down: #b84a00; --suspect: #8a6100; --unknown: #57606a; --up: #006c51;
  --down-fill: #d55e00; --suspect-fill: #e69f00; --unknown-fill: #8c959f; --up-fill: #009e73;
  --link: #0050a0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --dim: #9aa4af; --paper: #14181d; --line: #30363d; --rail: #30363d;
    --down: #ff9a52; --suspect: #f2c14b; --unknown: #a9b3bd; --up: #4fd1a8; --link: #7db8ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 75rem; padding: 1rem 1.25rem 2rem; background: var(--paper);
  color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
header, nav, ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
h1 { font-size: 1.35rem; margin: 0; }
p { margin: .5rem 0; }
a { color: var(--link); }
ul { list-style: none; padding: 0; margin: .75rem 0; gap: .5rem 1.5rem; }
li b { font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.warning { border: 1px solid var(--down); border-left-width: .5rem; padding: .5rem .75rem; }
.warning b { color: var(--down); }
.dim { color: var(--dim); }
small { color: var(--dim); overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 600; color: var(--dim); white-space: nowrap; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: anywhere; }
td small { display: block; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.verdict { font-weight: 600; white-space: nowrap; }
.down { color: var(--down); } .suspect { color: var(--suspect); }
.unknown { color: var(--unknown); } .up { color: var(--up); }
svg { display: block; width: 8rem; height: .5rem; margin-top: .25rem; }
.rail { fill: var(--rail); } .mark { fill: var(--ink); }
rect.down { fill: var(--down-fill); } rect.suspect { fill: var(--suspect-fill); }
rect.unknown { fill: var(--unknown-fill); } rect.up { fill: var(--up-fill); }
.error { width: 32%; }
@media (max-width: 44rem) {
  body { padding: .75rem; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody { display: block; }
  tr { display: grid; grid-template-columns: 7rem 1fr; padding: .5rem 0;
    border-bottom: 1px solid var(--line); }
  th, td { border: 0; padding: .1rem .5rem .1rem 0; }
  td.error { grid-column: 1 / -1; width: auto; }
  td.seen::before { content: "heartbeat: "; color: var(--dim); }
  td.error:empty { display: none; }
}
`;
