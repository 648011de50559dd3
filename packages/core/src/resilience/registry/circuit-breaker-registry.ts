import { InvalidOptionError } from '../../errors/index.ts'
import { type CloseOptions, requireDrainTimeout, withDeadline } from '../../time/index.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'
import type { CircuitEventType, CircuitListener } from '../circuit-breaker-events.ts'
import type { CircuitBreakerRules } from '../circuit-breaker-options.ts'
import { CircuitReporter } from '../circuit-reporter.ts'
import { type CircuitOrder, type CircuitState, requireOrder } from '../circuit-state.ts'
import type { Isolation } from '../isolation.ts'
import { type AdoptableCircuit, foreignCircuitOf, type ManagedCircuit } from '../managed-circuit.ts'
import { NamePattern } from '../name-pattern.ts'
import type { Policy } from '../policy.ts'
import { ResilienceError } from '../resilience-error.ts'
import {
  type CircuitBreakerRegistryOptions,
  type ResolvedCircuitBreakerRegistryOptions,
  resolveCircuitBreakerRegistryOptions,
} from './circuit-breaker-registry-options.ts'
import { CircuitHolds, type PersonsOrder, type PersonsOrders } from './circuit-holds.ts'
import { CircuitRules, circuitConflict } from './circuit-rules.ts'
import { CircuitShelf } from './circuit-shelf.ts'
import { ManagedBreaker } from './managed-breaker.ts'
import { SharedHolds } from './shared-holds.ts'

/** A circuit as people see it. */
export interface CircuitView {
  readonly name: string
  readonly state: CircuitState
  /** Consecutive failures since the last success. */
  readonly failureCount: number
}

const RESET: PersonsOrder = Object.freeze({ status: 'closed', reason: 'reset' })

/**
 * The circuit breakers of a process by name, made when they are first asked for; as many as fit, so that there may be
 * one per model and tenant. It shares their states with other processes and remembers them, where told to.
 */
export class CircuitBreakerRegistry {
  readonly #options: ResolvedCircuitBreakerRegistryOptions
  readonly #breakers: CircuitShelf<CircuitBreaker>
  readonly #adopted = new Map<string, ManagedCircuit>()
  readonly #orders: PersonsOrders
  readonly #rules: CircuitRules

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: CircuitBreakerRegistryOptions = {}) {
    this.#options = resolveCircuitBreakerRegistryOptions(options)
    this.#breakers = new CircuitShelf(this.#options.maxCircuits)
    this.#rules = new CircuitRules(this.#options)
    const { sharing } = this.#options
    this.#orders = sharing === undefined ? new CircuitHolds() : new SharedHolds(sharing)
  }

  /**
   * Reads what is remembered and what other processes hold, and hears of their changes from then on. Calls may be made
   * before; their circuits are closed until then. Never rejects.
   */
  async start(): Promise<void> {
    await this.#options.sharing?.start()
  }

  /**
   * Gives leases back, writes down what waits, within `drainTimeoutMs`, and hears of nothing any more. Breakers go on
   * alone. Calling it again changes nothing.
   * @throws InvalidOptionError `INVALID_OPTION` on a time out of its range.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const timeoutMs = requireDrainTimeout(options)
    const { sharing, breakers } = this.#options
    if (sharing === undefined) return
    try {
      await withDeadline({ timeoutMs, clock: breakers.clock }, () => sharing.close())
    } catch (error) {
      breakers.logger.warn({ err: error }, 'circuits were closed before all was written down')
    }
  }

  /** As {@link CircuitBreakerRegistry.close} does, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** How many circuits there are, adopted ones included. */
  get size(): number {
    return this.#breakers.size + this.#adopted.size
  }

  /**
   * The breaker of this name, made if there is none yet: by the rules it was defined with, else those of the registry.
   * @throws InvalidOptionError `INVALID_OPTION` on a new name that is no text of 1 to 256 characters, or is that of an
   * adopted circuit.
   */
  get(name: string): CircuitBreaker {
    return this.#breakers.use(name) ?? this.#make(name)
  }

  /**
   * Gives a breaker rules of its own above those of the registry, once, before it is used; made anew after its eviction it
   * has them too.
   * @throws ResilienceError `CIRCUIT_CONFLICT` where there is a breaker of that name, or it was defined before;
   * InvalidOptionError `INVALID_OPTION` on a bad rule or name, or for more names than `maxCircuits`.
   */
  define(name: string, rules: CircuitBreakerRules): CircuitBreaker {
    if (this.#peek(name) !== undefined) throw circuitConflict(name)
    this.#rules.setName(name, rules)
    return this.get(name)
  }

  /**
   * A policy with one breaker per key, named `prefix/key`: a call is made through the breaker of its `key` option, or
   * of `prefix` alone without one. With `rules` all of that prefix have them, above those of the registry.
   * @throws ResilienceError `CIRCUIT_CONFLICT` on rules where there is a breaker of that prefix, or it has rules;
   * InvalidOptionError `INVALID_OPTION` on a bad rule; its calls, on a key that makes no name.
   */
  keyed(prefix: string, rules?: CircuitBreakerRules): Policy {
    if (rules !== undefined) {
      for (const { name } of this.#breakers.all()) {
        if (name === prefix || name.startsWith(`${prefix}/`)) throw circuitConflict(name)
      }
      this.#rules.setFamily(prefix, rules)
    }
    const find = (key: string | undefined): CircuitBreaker =>
      this.get(key === undefined ? prefix : `${prefix}/${key}`)
    return {
      execute: (call, options) => {
        try {
          return find(options?.key).execute(call, options)
        } catch (error) {
          return Promise.reject(error)
        }
      },
    }
  }

  /**
   * Takes a circuit of another library in: it is listed, measured, shared and held like the others.
   * @throws InvalidOptionError `INVALID_OPTION` where the name is taken, and on what `fromOpossum` did not give.
   */
  adopt(adoptable: AdoptableCircuit): void {
    const circuit = foreignCircuitOf(adoptable)
    const { name } = circuit
    if (this.#peek(name) !== undefined) {
      throw new InvalidOptionError('name', 'a name that no circuit of the registry has', name)
    }
    const { breakers } = this.#options
    const { clock, coordinator } = breakers
    circuit.connect({ clock, coordinator, reporter: new CircuitReporter(name, breakers) })
    this.#adopted.set(name, circuit)
    this.#welcome(circuit)
  }

  /**
   * The circuits that fit, for people to see; looking at them is no use of them.
   * @throws InvalidOptionError `INVALID_OPTION` on a pattern that is no text of 1 to 256 characters.
   */
  list(pattern = '*'): readonly CircuitView[] {
    return this.#matching(new NamePattern(pattern)).map(({ name, state, failureCount }) => {
      return { name, state, failureCount }
    })
  }

  /** Hears of the events of all breakers; the function returned ends it. What a listener throws is logged and changes nothing. */
  on<Type extends CircuitEventType>(type: Type, listener: CircuitListener<Type>): () => void {
    return this.#options.listeners.add(type, listener)
  }

  /**
   * Holds the circuits that fit open, until reset or forced otherwise; those made later too, in all processes that
   * share. A pattern may have `*` for any run of characters.
   * @returns how many circuits there are, those included that are known not to be closed in another process alone.
   * @throws ResilienceError `CIRCUIT_NOT_FOUND` where a name without `*` names none; InvalidOptionError `INVALID_OPTION`.
   */
  forceOpen(pattern: string, order: CircuitOrder): number {
    return this.#decide(pattern, { status: 'forced-open', ...requireOrder(order) })
  }

  /** Holds the circuits that fit closed; else as {@link CircuitBreakerRegistry.forceOpen}, also in what it throws. */
  forceClose(pattern: string, order: CircuitOrder): number {
    return this.#decide(pattern, { status: 'forced-closed', ...requireOrder(order) })
  }

  /** Lets the calls of the circuits that fit pass uncounted; else as {@link CircuitBreakerRegistry.forceOpen}, also in what it throws. */
  disable(pattern: string, order: CircuitOrder): number {
    return this.#decide(pattern, { status: 'disabled', ...requireOrder(order) })
  }

  /**
   * Rejects every call of the breakers that there are now and fit, in this process, until the isolation is released.
   * @throws ResilienceError `CIRCUIT_NOT_FOUND` where a name without `*` names none; InvalidOptionError `INVALID_OPTION`.
   */
  isolate(pattern: string, reason?: string): Isolation {
    const wanted = new NamePattern(pattern)
    const breakers = [...this.#breakers.all()].filter(({ name }) => wanted.matches(name))
    requireSome(wanted, breakers)
    const isolations = breakers.map((breaker) => breaker.isolate(reason))
    return { release: () => isolations.forEach((isolation) => void isolation.release()) }
  }

  /**
   * Closes the circuits that fit and lifts what holds them, in all processes that share them.
   * @returns how many circuits there are, those included that are known not to be closed in another process alone.
   * @throws ResilienceError `CIRCUIT_NOT_FOUND` where a name without `*` names none; InvalidOptionError `INVALID_OPTION`.
   */
  reset(pattern: string): number {
    return this.#decide(pattern, RESET)
  }

  /** Closes every circuit and lifts all that holds one. Gives how many there are. */
  resetAll(): number {
    return this.reset('*')
  }

  /** Carries a person's order out: on the circuits here, on those that others are known to have, and on those to come. */
  #decide(pattern: string, order: PersonsOrder): number {
    const wanted = new NamePattern(pattern)
    const here = this.#matching(wanted)
    const elsewhere = this.#elsewhere(wanted)
    requireSome(wanted, [...here, ...elsewhere])
    const { status, reason, actor } = order
    this.#options.breakers.logger.info({ pattern, status, actor, reason }, 'an order for circuits was given')
    for (const circuit of here) {
      if (status === 'closed') circuit.reset()
      else circuit.hold({ status, reason, actor })
    }
    for (const name of elsewhere) this.#options.sharing?.ordered(name, status, reason)
    this.#orders.add(wanted, order)
    return here.length + elsewhere.length
  }

  /** The circuits that fit, are known not to be closed, and are not here. */
  #elsewhere(wanted: NamePattern): readonly string[] {
    const { sharing } = this.#options
    if (sharing === undefined) return []
    const held = new Set(sharing.heldPatterns)
    const names = sharing.namesNotClosed.filter(
      (name) => wanted.matches(name) && !held.has(name) && this.#peek(name) === undefined,
    )
    const isHeldByPattern = wanted.isName && this.#orders.find(wanted.text) !== undefined
    if (!isHeldByPattern || names.length > 0 || this.#peek(wanted.text) !== undefined) return names
    // Where it is held by a pattern alone, nobody has told of its name.
    return [wanted.text]
  }

  #peek(name: string): ManagedCircuit | undefined {
    const breaker = this.#breakers.peek(name)
    return breaker === undefined ? this.#adopted.get(name) : new ManagedBreaker(breaker)
  }

  #matching(pattern: NamePattern): readonly ManagedCircuit[] {
    if (pattern.isName) {
      const circuit = this.#peek(pattern.text)
      return circuit === undefined ? [] : [circuit]
    }
    const fits = ({ name }: { readonly name: string }): boolean => pattern.matches(name)
    const breakers = [...this.#breakers.all()].filter(fits).map((breaker) => new ManagedBreaker(breaker))
    return [...breakers, ...[...this.#adopted.values()].filter(fits)]
  }

  #make(name: string): CircuitBreaker {
    if (this.#adopted.has(name)) {
      throw new InvalidOptionError('name', 'not the name of a circuit adopted from another library', name)
    }
    const options = this.#rules.of(name)
    const breaker = new CircuitBreaker(name, options)
    const forgotten = this.#breakers.add(breaker)
    if (forgotten !== undefined) {
      options.coordinator?.left(forgotten.name)
      new CircuitReporter(forgotten.name, options).forget()
    }
    this.#welcome(new ManagedBreaker(breaker))
    return breaker
  }

  /** Tells a new circuit what is known of its name. */
  #welcome(circuit: ManagedCircuit): void {
    this.#options.sharing?.joined(circuit)
    const order = this.#orders.find(circuit.name)
    if (order !== undefined && order.status !== circuit.state.status) circuit.hold(order)
  }
}

/** @throws ResilienceError `CIRCUIT_NOT_FOUND` where one name is asked for and there is none. */
function requireSome<C>(pattern: NamePattern, circuits: readonly C[]): readonly C[] {
  if (circuits.length > 0 || !pattern.isName) return circuits
  throw new ResilienceError({
    code: 'CIRCUIT_NOT_FOUND',
    message: `there is no circuit ${pattern.text}`,
    policy: pattern.text,
  })
}
