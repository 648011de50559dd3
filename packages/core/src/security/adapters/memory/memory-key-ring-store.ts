import { withDefaults } from '../../../errors/index.ts'
import { type Clock, systemClock } from '../../../time/index.ts'
import type {
  KeyRecord,
  KeyRingChange,
  KeyRingContents,
  KeyRingStore,
} from '../../key-ring/key-ring-store.ts'

/** A key ring in memory, for one process and for tests: its keys end with it, and all tokens of them. */
export class MemoryKeyRingStore implements KeyRingStore {
  readonly #clock: Clock
  #keys: ReadonlyMap<string, KeyRecord> = new Map()

  /** @throws InvalidOptionError `INVALID_OPTION` on an unknown option. */
  constructor(options: { readonly clock?: Clock | undefined } = {}) {
    this.#clock = withDefaults<typeof options, { clock: Clock }>(options, { clock: systemClock }).clock
  }

  async load(): Promise<KeyRingContents> {
    return this.#contents()
  }

  async change(decide: (contents: KeyRingContents) => readonly KeyRingChange[]): Promise<KeyRingContents> {
    // Without a pause between what is read and what is written, as two changes may come at once.
    const keys = new Map(this.#keys)
    for (const change of decide(this.#contents())) apply(keys, change)
    this.#keys = keys
    return this.#contents()
  }

  #contents(): KeyRingContents {
    return { keys: [...this.#keys.values()], now: this.#clock.now() }
  }
}

function apply(keys: Map<string, KeyRecord>, change: KeyRingChange): void {
  if (change.kind === 'add') {
    keys.set(change.key.keyId, change.key)
    return
  }
  const key = keys.get(change.keyId)
  if (key === undefined) return
  if (change.kind === 'forget') keys.delete(change.keyId)
  if (change.kind === 'activate') keys.set(key.keyId, { ...key, activateAt: change.activateAt })
  if (change.kind === 'revoke')
    keys.set(key.keyId, { ...withoutPrivateKey(key), revokedAt: change.revokedAt })
  if (change.kind === 'wipe') keys.set(key.keyId, withoutPrivateKey(key))
}

function withoutPrivateKey({ sealedPrivateKey: _, ...key }: KeyRecord): KeyRecord {
  return key
}
