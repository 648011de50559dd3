import { InvalidOptionError, requireText } from '../../errors/index.ts'
import {
  type CircuitBreakerRules,
  type ResolvedCircuitBreakerOptions,
  resolveCircuitBreakerRules,
  resolvedWith,
} from '../circuit-breaker-options.ts'
import { ResilienceError } from '../resilience-error.ts'
import type { ResolvedCircuitBreakerRegistryOptions } from './circuit-breaker-registry-options.ts'

/** The rules that breakers were given beside those of their registry: of one name, or of a family `prefix/…`. */
export class CircuitRules {
  readonly #options: ResolvedCircuitBreakerRegistryOptions
  readonly #names = new Map<string, ResolvedCircuitBreakerOptions>()
  readonly #families = new Map<string, ResolvedCircuitBreakerOptions>()

  constructor(options: ResolvedCircuitBreakerRegistryOptions) {
    this.#options = options
  }

  /** What a breaker of that name is made of. */
  of(name: string): ResolvedCircuitBreakerOptions {
    return this.#names.get(name) ?? this.#familyOf(name) ?? this.#options.breakers
  }

  /** @throws ResilienceError `CIRCUIT_CONFLICT` where the name has rules; InvalidOptionError `INVALID_OPTION`. */
  setName(name: string, rules: CircuitBreakerRules): void {
    this.#set(this.#names, requireText('name', name), rules)
  }

  /** @throws ResilienceError `CIRCUIT_CONFLICT` where the family has rules; InvalidOptionError `INVALID_OPTION`. */
  setFamily(prefix: string, rules: CircuitBreakerRules): void {
    this.#set(this.#families, requireText('prefix', prefix), rules)
  }

  #set(known: Map<string, ResolvedCircuitBreakerOptions>, name: string, rules: CircuitBreakerRules): void {
    const { breakers, rules: ours, maxCircuits } = this.#options
    // Those given win, those left undefined do not.
    resolveCircuitBreakerRules(rules)
    const given = Object.entries(rules).filter(([, value]) => value !== undefined)
    const merged = resolveCircuitBreakerRules({ ...ours, ...Object.fromEntries(given) })
    if (known.has(name)) throw circuitConflict(name)
    if (known.size >= maxCircuits) {
      throw new InvalidOptionError('name', `one of at most ${maxCircuits} with rules of their own`, name)
    }
    known.set(name, resolvedWith({ ...breakers, ...merged }))
  }

  #familyOf(name: string): ResolvedCircuitBreakerOptions | undefined {
    if (this.#families.size === 0) return undefined
    for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1)) {
      const found = this.#families.get(name.slice(0, end))
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** `CIRCUIT_CONFLICT`: rules for what has its own, which would be left unread. */
export function circuitConflict(name: string): ResilienceError {
  return new ResilienceError({
    code: 'CIRCUIT_CONFLICT',
    message: `circuit ${name} is there already, by rules of its own or those of the registry`,
    policy: name,
  })
}
