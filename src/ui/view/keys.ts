/** Keys that work wherever the focus is. What the list and the map do with keys of their own is theirs. */

export interface KeyActions {
  search(): void;
  /** From the search into what was found. */
  leaveSearch(): void;
  escape(): void;
  toggleMap(): void;
  help(): void;
  /** An arrow where nothing has the focus. */
  move(): void;
}

export function handleKeys(actions: KeyActions): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const isHandled =
      event.target instanceof HTMLInputElement
        ? handleInSearch(event, event.target, actions)
        : handleElsewhere(event, actions);
    if (isHandled) event.preventDefault();
  });
}

function handleInSearch(
  { key }: KeyboardEvent,
  input: HTMLInputElement,
  actions: KeyActions,
): boolean {
  if (key === "ArrowDown" || key === "Enter") actions.leaveSearch();
  else if (key !== "Escape") return false;
  else if (input.value === "") actions.leaveSearch();
  else {
    input.value = "";
    input.dispatchEvent(new Event("input"));
  }
  return true;
}

function handleElsewhere({ key, target }: KeyboardEvent, actions: KeyActions): boolean {
  if (key === "/") actions.search();
  else if (key === "Escape") actions.escape();
  else if (key === "m") actions.toggleMap();
  else if (key === "?") actions.help();
  else if (target === document.body && (key === "ArrowDown" || key === "ArrowUp")) actions.move();
  else return false;
  return true;
}
