/** Which methods each path takes, learnt from the routes as they are added. */
export class AllowedMethods {
  readonly #paths: { readonly pattern: RegExp; readonly path: string; readonly methods: Set<string> }[] = []

  /** Takes note of a route: its path may hold `:name` parts. */
  add(path: string, methods: readonly string[]): void {
    let known = this.#paths.find((one) => one.path === path)
    if (known === undefined) {
      known = { path, pattern: patternOf(path), methods: new Set() }
      this.#paths.push(known)
    }
    for (const method of methods) known.methods.add(method)
  }

  /** The methods that the path of `url` takes, in alphabetical order; empty where there is no such path. */
  of(url: string): readonly string[] {
    const path = url.split('?', 1)[0] ?? ''
    const found = this.#paths.filter((one) => one.pattern.test(path)).flatMap((one) => [...one.methods])
    return [...new Set(found)].toSorted()
  }
}

function patternOf(path: string): RegExp {
  const parts = path.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/\W/g, '\\$&')))
  return new RegExp(`^${parts.join('/')}$`)
}
