/**
 * `target` with some members replaced. All others are those of `target`, and its methods run on it: the private fields of
 * its class are not to be had through another object.
 */
export function withMembers<Target extends object>(
  target: Target,
  members: Readonly<Record<string, unknown>>,
): Target {
  // An object without members of its own may show others in their place, even where those of `target` are frozen.
  const view: Target = Object.create(target)
  return new Proxy(view, {
    get(_view, name) {
      if (typeof name === 'string' && Object.hasOwn(members, name)) return members[name]
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' && name !== 'constructor' ? value.bind(target) : value
    },
    set: (_view, name, value) => Reflect.set(target, name, value),
  })
}
