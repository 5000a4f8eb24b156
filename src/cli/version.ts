/** The version, which the build writes into the binary; run from source it is the package's own. */
import manifest from "../../package.json" with { type: "json" };

export const VERSION: string = manifest.version;
