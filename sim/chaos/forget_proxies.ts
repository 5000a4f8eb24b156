/** What is asked here is on this machine, and no proxy's business: takes each that Bun knows out of an environment. */
export function forgetProxies(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (/^(?:https?|all)_proxy$/iu.test(name)) delete environment[name];
  }
}
