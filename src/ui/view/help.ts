/** Which keys do what. */
import { element } from "./dom.ts";

const KEYS = [
  ["/", "search"],
  ["↓ ↑ Page Home End", "move in the list; arrows in the map"],
  ["Enter", "open the target"],
  ["Esc", "close the target; then clear search and filter"],
  ["m", "list or map"],
  ["?", "these keys"],
] as const;

export function makeHelp(): HTMLDialogElement {
  const close = element("button", { type: "button" }, "Close");
  const dialog = element(
    "dialog",
    { "aria-labelledby": "help-heading" },
    element("h2", { id: "help-heading" }, "Keys"),
    element(
      "dl",
      { class: "facts" },
      ...KEYS.flatMap(([key, what]) => [
        element("dt", {}, element("kbd", {}, key)),
        element("dd", {}, what),
      ]),
    ),
    element("p", {}, close),
  );
  close.addEventListener("click", () => dialog.close());
  return dialog;
}
