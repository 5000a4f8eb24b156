/**
 * Bundles the page while phi itself is bundled, compiled or run from its sources: called as a macro, so
 * that the result is part of the program and no file of it is kept. (A macro cannot use Bun.build; the bundler's own
 * error message says to do it like this.)
 */

export interface BundledPage {
  readonly style: string;
  readonly script: string;
}

export function bundlePage(): BundledPage {
  return {
    style: bundle("style.css"),
    // It stands in a document: nothing in it may end the element that it is in.
    script: bundle("browser.ts").replaceAll("</script", String.raw`<\/script`),
  };
}

function bundle(file: string): string {
  const path = `${import.meta.dir}/../ui/${file}`;
  const made = Bun.spawnSync([process.execPath, "build", path, "--target=browser", "--minify"]);
  if (!made.success) throw new Error(`Cannot bundle ${file}: ${made.stderr.toString()}`);
  return made.stdout.toString().trim();
}
