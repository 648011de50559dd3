const MAX_OF_NAME = 50
const TELLING = /(^|_)(id|key|cursor|fingerprint|name|role|version|hash|etag)$/

/** What a server gave so far, by the names that it gave it: ids of things that are there. */
export class KnownValues {
  readonly #byName = new Map<string, unknown[]>()
  readonly #all: unknown[] = []

  /** Takes note of what an answer of `collection`, a part of a path, holds. */
  learn(value: unknown, collection: string, name = ''): void {
    if (Array.isArray(value)) {
      for (const item of value) this.learn(item, collection, name)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) this.learn(item, collection, key)
    } else if (TELLING.test(name) && (typeof value === 'string' || typeof value === 'number')) {
      this.#add(`${collection}/${name}`, value)
      this.#add(name, value)
      if (!this.#all.includes(value)) this.#all.push(value)
    }
  }

  /** One of what is known by that name there, else anywhere, else one of all; undefined where nothing is known. */
  pick(collection: string, name: string, index: number): unknown {
    const known = this.#byName.get(`${collection}/${name}`) ?? this.#byName.get(name) ?? this.#all
    return known[index % Math.max(1, known.length)]
  }

  /** A copy of a body in which what is known by the name of a member stands in its place. */
  putInto(value: unknown, collection: string, index: number): unknown {
    if (Array.isArray(value)) return value.map((item) => this.putInto(item, collection, index))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => {
        const known = this.#byName.get(`${collection}/${name}`) ?? this.#byName.get(name)
        const isSameKind = known !== undefined && typeof known[0] === typeof item
        return [name, isSameKind ? known[index % known.length] : this.putInto(item, collection, index)]
      }),
    )
  }

  #add(key: string, value: unknown): void {
    const known = this.#byName.get(key) ?? []
    if (!known.includes(value) && known.length < MAX_OF_NAME) this.#byName.set(key, [...known, value])
  }
}
