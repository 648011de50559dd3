import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import * as promClient from 'prom-client'
import { describe, expect, it } from 'vitest'
import { PromClientMetrics } from '../../observability/index.ts'
import { RecordingLogger, RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import type { CircuitOrder } from '../circuit-state.ts'
import { MemoryCircuitStore } from '../testing/memory-circuit-store.ts'
import { order } from '../testing/order.ts'
import { CircuitBreakerRegistry } from './circuit-breaker-registry.ts'
import type { CircuitBreakerRegistryOptions } from './circuit-breaker-registry-options.ts'
import { CircuitShelf, type ShelvedCircuit } from './circuit-shelf.ts'

const fail = (): Promise<never> => Promise.reject(new Error('down'))
const succeed = (): Promise<string> => Promise.resolve('up')

function open(options: CircuitBreakerRegistryOptions = {}): {
  registry: CircuitBreakerRegistry
  clock: FakeClock
} {
  const clock = new FakeClock()
  return { registry: new CircuitBreakerRegistry({ clock, ...options }), clock }
}

/** The error with that code; its message names what is `named`. */
function code(expected: string, named = ''): unknown {
  return expect.objectContaining({ code: expected, message: expect.stringContaining(named) })
}

function statuses(registry: CircuitBreakerRegistry): Record<string, string> {
  return Object.fromEntries(registry.list().map(({ name, state }) => [name, state.status]))
}

describe('a registry', () => {
  it('gives one breaker to one name, with its own rules above those of the registry', async () => {
    const { registry } = open({ failureThreshold: 2, recoveryTimeoutMs: 100 })
    expect(registry.get('a')).toBe(registry.get('a'))
    const patient = registry.define('b', { failureThreshold: 3 })
    for (let time = 0; time < 2; time++) {
      for (const name of ['a', 'b'])
        await registry
          .get(name)
          .execute(fail)
          .catch(() => {})
    }
    expect(statuses(registry)).toEqual({ a: 'open', b: 'closed' })
    await patient.execute(fail).catch(() => {})
    expect(patient.state).toMatchObject({ status: 'open', reopenAtMs: 100 })
  })

  it('refuses rules for a breaker that has its own, which would be left unread', () => {
    const { registry } = open()
    registry.get('made')
    const patient = registry.define('patient', { failureThreshold: 9 })
    for (const name of ['made', 'patient']) {
      expect(() => registry.define(name, { failureThreshold: 2 })).toThrow(
        code('CIRCUIT_CONFLICT', `circuit ${name} `),
      )
    }
    expect(registry.get('patient')).toBe(patient)
    registry.keyed('family', { failureThreshold: 2 })
    expect(() => registry.keyed('family', { failureThreshold: 3 })).toThrow(
      code('CIRCUIT_CONFLICT', 'circuit family'),
    )
    expect(() => registry.keyed('made', { failureThreshold: 3 })).toThrow(
      code('CIRCUIT_CONFLICT', 'circuit made'),
    )
    registry.keyed('family')
    expect(() => registry.define('bad', { failureThreshold: 0 })).toThrow(invalidOption('failureThreshold'))
    // Nothing of what was refused stays.
    registry.define('bad', { failureThreshold: 1 })
  })

  it('makes a breaker anew by the rules it was defined with, and one of a family by those of the family', async () => {
    const { registry } = open({ maxCircuits: 2 })
    const family = registry.keyed('f', { failureThreshold: 1 })
    registry.define('own', { failureThreshold: 2, recoveryTimeoutMs: undefined })
    registry.define('f/own', { failureThreshold: 2 })
    await family.execute(fail, { key: 'x' }).catch(() => {})
    expect(statuses(registry)).toEqual({ 'f/own': 'closed', 'f/x': 'open' })
    for (const name of ['own', 'f/own']) {
      for (const status of ['closed', 'open']) {
        await registry
          .get(name)
          .execute(fail)
          .catch(() => {})
        expect(registry.get(name).state.status).toBe(status)
      }
    }
  })

  it('keeps a breaker for each key, so that one tenant’s failures open no other’s circuit', async () => {
    const { registry } = open()
    const policy = registry.keyed('openai', { failureThreshold: 1 })
    await policy.execute(fail, { key: 'acme' }).catch(() => {})
    await expect(policy.execute(succeed, { key: 'acme' })).rejects.toEqual(
      code('CIRCUIT_OPEN', 'circuit openai/acme is open'),
    )
    await expect(policy.execute(succeed, { key: 'other' })).resolves.toBe('up')
    await expect(policy.execute(succeed)).resolves.toBe('up')
    await expect(policy.execute(succeed, { key: '\n' })).rejects.toEqual(invalidOption('name'))
    expect(statuses(registry)).toEqual({ 'openai/acme': 'open', 'openai/other': 'closed', openai: 'closed' })
  })

  it('forgets the closed breaker longest unused when it is full, and spares those that are open', async () => {
    const { registry } = open({ maxCircuits: 3, failureThreshold: 1 })
    await registry
      .get('open')
      .execute(fail)
      .catch(() => {})
    registry.get('old')
    registry.get('used')
    registry.get('old')
    registry.get('new')
    expect(Object.keys(statuses(registry)).sort()).toEqual(['new', 'old', 'open'])
    expect(registry.size).toBe(3)
  })

  it('holds the circuits of a pattern, those made later too, until reset', async () => {
    const { registry } = open({ maxCircuits: 2 })
    registry.get('openai/acme')
    registry.get('claude')
    expect(registry.forceOpen('openai/*', order('incident 12'))).toBe(1)
    await expect(registry.get('openai/new').execute(succeed)).rejects.toEqual(code('CIRCUIT_ISOLATED'))
    expect(registry.reset('openai/new')).toBe(1)
    registry.get('claude')
    registry.get('gemini')
    expect(registry.get('openai/new').state.status).toBe('closed')
    expect(registry.get('openai/more').state.status).toBe('forced-open')
    registry.resetAll()
    expect(registry.get('openai/again').state.status).toBe('closed')
  })

  it('forces closed, disables, isolates and resets by name and by pattern', () => {
    const { registry } = open()
    for (const name of ['a/1', 'a/2', 'b']) registry.get(name)
    registry.forceClose('a/1', order())
    registry.disable('a/2', order())
    const isolation = registry.isolate('b')
    expect(statuses(registry)).toEqual({ 'a/1': 'forced-closed', 'a/2': 'disabled', b: 'forced-open' })
    isolation.release()
    expect(registry.reset('a/*')).toBe(2)
    expect(Object.values(statuses(registry))).toEqual(['closed', 'closed', 'closed'])
  })

  it('tells who gave an order and why, of circuits made later too, and takes none that says not who', () => {
    const logger = new RecordingLogger()
    const { registry } = open({ logger })
    const told: unknown[] = []
    registry.on('circuit.changed', ({ name, change }) => told.push([name, change.to, change.actor]))
    registry.get('a/1')
    registry.forceOpen('a/*', order('incident 12'))
    registry.get('a/2')
    const held = expect.objectContaining({ status: 'forced-open', reason: 'incident 12' })
    const ada = { id: 'ada', kind: 'human' }
    expect(told).toEqual([
      ['a/1', held, ada],
      ['a/2', held, ada],
    ])
    const fields = { pattern: 'a/*', status: 'forced-open', actor: ada, reason: 'incident 12' }
    expect(logger.lines).toContainEqual({
      ...{ level: 'info', message: 'an order for circuits was given', fields },
    })
    registry.reset('a/*')
    for (const [option, bad] of [
      ['order', undefined],
      ['order', 'incident 12'],
      ['actor', { reason: 'incident 12' }],
      ['reason', { actor: ada }],
      ['reason', { actor: ada, reason: '' }],
    ] as const) {
      // What plain JavaScript may hand over.
      const given = bad as unknown as CircuitOrder
      expect(() => registry.forceOpen('a/*', given)).toThrow(invalidOption(option))
      expect(() => registry.get('a/1').disable(given)).toThrow(invalidOption(option))
    }
    expect(Object.values(statuses(registry))).toEqual(['closed', 'closed'])
  })

  it('is closed in the time that it is given, whatever its store does', async () => {
    const shared = new MemoryCircuitStore()
    shared.subscribe = () => ({ close: () => new Promise<void>(() => {}) })
    const logger = new RecordingLogger()
    const { registry, clock } = open({ shared, logger })
    void registry.start()
    const closed = registry.close({ drainTimeoutMs: 50 })
    await clock.advance(50)
    await closed
    expect(logger.lines).toMatchObject([
      {
        ...{ level: 'warn', message: 'circuits were closed before all was written down' },
        fields: { err: { code: 'DEADLINE_EXCEEDED' } },
      },
    ])
    await registry[Symbol.asyncDispose]()
  })

  it('says so where a name is unknown, and not where a pattern fits nothing', () => {
    const { registry } = open()
    for (const act of ['forceOpen', 'forceClose', 'disable'] as const) {
      expect(() => registry[act]('nobody', order())).toThrow(code('CIRCUIT_NOT_FOUND', 'nobody'))
    }
    for (const act of ['isolate', 'reset'] as const) {
      expect(() => registry[act]('nobody')).toThrow(code('CIRCUIT_NOT_FOUND', 'nobody'))
    }
    expect(registry.forceOpen('no*', order())).toBe(0)
    expect(registry.list('nobody')).toEqual([])
  })

  it('tells of the events of every breaker, and shows a forgotten one as closed', async () => {
    const metrics = new RecordingMetrics()
    const { registry } = open({ metrics, maxCircuits: 1, failureThreshold: 1 })
    const told: string[] = []
    const stop = registry.on('circuit.changed', ({ name, change }) =>
      told.push(`${name} ${change.to.status}`),
    )
    await registry
      .get('a')
      .execute(fail)
      .catch(() => {})
    registry.get('b')
    stop()
    await registry
      .get('b')
      .execute(fail)
      .catch(() => {})
    expect(told).toEqual(['a open'])
    expect(metrics.gaugeValue('circuit_breaker_state', { name: 'a' })).toBe(0)
    expect(metrics.gaugeValue('circuit_breaker_state', { name: 'b' })).toBe(2)
  })

  it('keeps no series of a forgotten circuit, however many tenants come and go', async () => {
    const prometheus = new promClient.Registry()
    const metrics = new PromClientMetrics({ registry: prometheus, promClient })
    const { registry } = open({ metrics, maxCircuits: 3, failureThreshold: 1 })
    const calls = registry.keyed('openai')
    for (let tenant = 0; tenant < 50; tenant++) {
      await calls.execute(succeed, { key: `t${tenant}` })
      await calls.execute(fail, { key: `t${tenant}` }).catch(() => {})
      await calls.execute(succeed, { key: `t${tenant}` }).catch(() => {})
    }
    const text = await prometheus.metrics()
    const names = new Set([...text.matchAll(/name="([^"]+)"/g)].map(([, name]) => name))
    expect([...names].sort()).toEqual(
      registry
        .list()
        .map(({ name }) => name)
        .sort(),
    )
    expect(names.size).toBe(3)
  })

  it('tells a forgotten breaker nothing any more', async () => {
    const clock = new FakeClock()
    const shared = new MemoryCircuitStore({ clock })
    const first = new CircuitBreakerRegistry({ clock, shared, maxCircuits: 1 })
    const second = new CircuitBreakerRegistry({ clock, shared, failureThreshold: 1 })
    await Promise.all([first.start(), second.start()])
    const forgotten = first.get('openai')
    first.get('another')
    await second
      .get('openai')
      .execute(fail)
      .catch(() => {})
    await clock.advance(10)
    expect([forgotten.state.status, first.get('openai').state.status]).toEqual(['closed', 'open'])
    await Promise.all([first.close(), second.close()])
  })

  it('remembers a bounded number of patterns that are held, those given last', () => {
    const { registry } = open()
    for (let index = 0; index <= 1000; index++) registry.forceOpen(`p${index}/*`, order())
    const held = [0, 1, 1000].map((index) => registry.get(`p${index}/x`).state.status)
    expect(held).toEqual(['closed', 'forced-open', 'forced-open'])
  })

  it('opens a breaker made later where another process has opened the circuit', async () => {
    const clock = new FakeClock()
    const shared = new MemoryCircuitStore({ clock })
    const [first, second] = ['first', 'second'].map(
      (processName) => new CircuitBreakerRegistry({ clock, shared, processName, failureThreshold: 1 }),
    )
    if (first === undefined || second === undefined) throw new Error('not reached')
    await Promise.all([first.start(), second.start()])
    await first
      .get('openai')
      .execute(fail)
      .catch(() => {})
    await clock.advance(10)
    expect(second.get('openai').state.status).toBe('open')
    await expect(second.get('openai').execute(succeed)).rejects.toEqual(code('CIRCUIT_OPEN'))
    await Promise.all([first.close(), second.close()])
  })

  it.each([
    ['maxCircuits', { maxCircuits: 0 }],
    ['failureThreshold', { failureThreshold: 0 }],
    ['shared', { shared: {} as never }], // as a Redis client itself
    ['processName', { processName: '', shared: new MemoryCircuitStore() }],
  ])('refuses a bad %s at once', (option, options) => {
    expect(() => new CircuitBreakerRegistry(options)).toThrow(invalidOption(option))
  })
})

/** A circuit that is open or closed for good. */
function circuitOf(name: string): ShelvedCircuit {
  const state = name.startsWith('open')
    ? ({ status: 'open', generation: 1, openedAtMs: 0, reopenAtMs: 9, reason: 'test' } as const)
    : ({ status: 'closed', generation: 0 } as const)
  return { name, state }
}

describe('the shelf of a registry', () => {
  it('never holds more than fit, and forgets in the order of use what is closed', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'open-1', 'open-2'), { maxLength: 60 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), names, (size, used) => {
        const shelf = new CircuitShelf<ShelvedCircuit>(size)
        let order: string[] = []
        for (const name of used) {
          const known = shelf.use(name) !== undefined
          expect(known).toBe(order.includes(name))
          if (!known) {
            const forgotten = shelf.add(circuitOf(name))
            if (forgotten !== undefined) {
              const closed = order.find((other) => !other.startsWith('open'))
              expect(forgotten.name).toBe(closed ?? order[0])
              const spared = order.slice(0, order.indexOf(forgotten.name))
              const rest = order.slice(order.indexOf(forgotten.name) + 1)
              // Without a closed one the first goes, and those that were looked at follow it in their order.
              order = closed === undefined ? order.slice(1) : [...rest, ...spared]
            }
          }
          order = [...order.filter((other) => other !== name), name]
          expect([...shelf.all()].map((circuit) => circuit.name)).toEqual(order)
          expect(shelf.size).toBeLessThanOrEqual(size)
        }
      }),
    )
  })
})
