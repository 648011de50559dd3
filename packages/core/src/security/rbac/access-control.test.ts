import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../audit/index.ts'
import { RecordingLogger, RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { AccessControl, type AccessControlOptions } from './access-control.ts'
import { extendRoleTable } from './custom-role.ts'
import type { PolicyEngine } from './ports/policy-engine.ts'
import type { Principal } from './principal.ts'
import { requirePermission } from './require-permission.ts'

const ada: Principal = { id: 'ada', kind: 'human', role: 'developer', tenantId: 'acme' }
const task = { tenantId: 'acme', ownerId: 'ada', kind: 'task', id: 't-1' }
const METRIC = 'rbac_permission_denied_total'

function build(options: AccessControlOptions = {}): {
  readonly access: AccessControl
  readonly entries: AuditEntry[]
  readonly metrics: RecordingMetrics
  readonly logger: RecordingLogger
  readonly clock: FakeClock
} {
  const entries: AuditEntry[] = []
  const audit = { write: async (entry: AuditEntry): Promise<void> => void entries.push(entry) }
  const [metrics, logger, clock] = [new RecordingMetrics(), new RecordingLogger(), new FakeClock()]
  return {
    access: new AccessControl({ audit, metrics, logger, clock, ...options }),
    entries,
    metrics,
    logger,
    clock,
  }
}

describe('access control', () => {
  test('lets through what the table allows, with its scope, and records nothing', async () => {
    const { access, entries, metrics } = build()
    expect(await access.require(ada, 'task:cancel', task)).toEqual({ scope: 'own' })
    expect(await access.require(ada, 'task:read')).toEqual({ scope: 'own' })
    expect(await access.require({ ...ada, role: 'admin' }, 'task:read')).toEqual({ scope: 'all' })
    expect(entries).toEqual([])
    expect(metrics.counterValue(METRIC)).toBe(0)
  })

  test('refuses for want of a permission, counted and recorded before it throws', async () => {
    const { access, entries, metrics } = build()
    const call = access.require(
      ada,
      'dlq:manage',
      { tenantId: 'acme', kind: 'dlq', id: '7' },
      { requestId: 'r-1' },
    )
    await expect(call).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      retryable: false,
      details: { permission: 'dlq:manage', role: 'developer' },
    })
    expect(entries).toEqual([
      {
        tenantId: 'acme',
        actor: { id: 'ada', kind: 'human', requestId: 'r-1' },
        action: 'access.require',
        resource: 'dlq/7',
        outcome: 'denied',
        details: { permission: 'dlq:manage', role: 'developer', reason: 'no-permission' },
      },
    ])
    expect(metrics.counterValue(METRIC, { permission: 'dlq:manage', role: 'developer' })).toBe(1)
  })

  test('tells another tenant’s resource and somebody else’s from none by nothing', async () => {
    const { access, entries } = build()
    const errors: string[] = []
    for (const resource of [
      { ...task, tenantId: 'other' },
      { ...task, ownerId: 'bob' },
      { tenantId: 'acme' },
    ]) {
      const error: unknown = await access
        .require(ada, 'task:read', resource)
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
      errors.push(JSON.stringify(error))
    }
    expect(new Set(errors).size).toBe(1)
    expect(errors[0]).not.toMatch(/acme|other|t-1|bob/)
    expect(entries.map(({ tenantId, resource, details }) => [tenantId, resource, details?.reason])).toEqual([
      ['acme', 'task/t-1', 'foreign'],
      ['acme', 'task/t-1', 'not-owner'],
      ['acme', 'resource/', 'not-owner'],
    ])
  })

  test('refuses agents and services what people alone may do', async () => {
    const { access, entries } = build()
    for (const kind of ['agent', 'service'] as const)
      await expect(access.require({ ...ada, kind, role: 'admin' }, 'prompt:approve')).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        message: 'prompt:approve is for people only',
      })
    expect(entries.map(({ resource }) => resource)).toEqual([
      'permission/prompt:approve',
      'permission/prompt:approve',
    ])
  })

  test('counts roles that the table does not know under one label', async () => {
    const { access, metrics } = build()
    for (const role of ['root', '__proto__', 'constructor'])
      await expect(access.require({ ...ada, role }, 'task:read')).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
      })
    expect(metrics.counterValue(METRIC, { role: 'unknown' })).toBe(3)
  })

  test('goes by roles of one’s own', async () => {
    const roles = extendRoleTable([{ name: 'on-call', grantedBy: 'operator', permissions: ['dlq:read'] }])
    const { access, metrics } = build({ roles })
    const eve = { ...ada, role: 'on-call' }
    expect(await access.require(eve, 'dlq:read')).toEqual({ scope: 'all' })
    await expect(access.require(eve, 'task:read')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(metrics.counterValue(METRIC, { role: 'on-call' })).toBe(1)
  })

  test('decides without a trace where only the decision is asked for', async () => {
    const { access, entries, metrics } = build()
    expect(await access.decide(ada, 'dlq:manage')).toEqual({ allowed: false, reason: 'no-permission' })
    expect(await access.decide(ada, 'task:read', task)).toEqual({ allowed: true, scope: 'own' })
    expect([entries.length, metrics.counterValue(METRIC)]).toEqual([0, 0])
  })

  test('refuses even where the refusal cannot be recorded, which is an error in the log', async () => {
    const broken = build({ audit: { write: () => Promise.reject(new Error('no audit')) } })
    await expect(broken.access.require(ada, 'dlq:manage')).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    expect(broken.logger.messages('error')).toEqual(['a refusal could not be recorded in the audit log'])
    const writing = Promise.withResolvers<void>()
    const write = (): Promise<void> => {
      writing.resolve()
      return new Promise(() => {})
    }
    const stuck = build({ audit: { write } })
    const call = expect(stuck.access.require(ada, 'dlq:manage')).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    await writing.promise
    await stuck.clock.advance(5000)
    await call
    expect(stuck.logger.messages('error')).toHaveLength(1)
  })

  test('cuts a resource’s name to what the audit log takes', async () => {
    const { access, entries } = build()
    await access
      .require(ada, 'dlq:manage', { tenantId: 'acme', kind: 'dlq', id: 'x'.repeat(9000) })
      .catch(() => {})
    expect(entries[0]?.resource).toHaveLength(512)
  })

  test.each([
    ['no id', 'principal.id', { ...ada, id: '' }],
    ['no kind', 'principal.kind', { ...ada, kind: 'god' }],
    ['no role', 'principal.role', { ...ada, role: undefined }],
    ['no tenant', 'principal.tenantId', { ...ada, tenantId: '' }],
    ['nothing', 'principal', null],
  ])('takes no principal with %s', async (_what, option, principal) => {
    const { access } = build()
    // The cast stands for code without types.
    const call = access.require(principal as Principal, 'task:read')
    await expect(call).rejects.toEqual(invalidOption(option))
  })

  test.each([
    ['policyTimeoutMs', 0],
    ['auditTimeoutMs', 60_001],
  ])('refuses the time limit %s of %d', (option, value) => {
    expect(() => new AccessControl({ [option]: value })).toThrow(invalidOption(option))
  })
})

describe('a policy engine', () => {
  const engine = (reach: PolicyEngine['reach']): PolicyEngine => ({ reach })

  test('decides in place of the table, and hears the whole question', async () => {
    const asked: unknown[] = []
    const policy = engine(async (request) => {
      asked.push(request)
      return request.permission === 'dlq:manage' ? 'all' : 'none'
    })
    const { access } = build({ policy })
    expect(await access.require(ada, 'dlq:manage', task)).toEqual({ scope: 'all' })
    await expect(access.require(ada, 'task:read')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(asked).toEqual([
      { principal: ada, permission: 'dlq:manage', resource: task },
      { principal: ada, permission: 'task:read' },
    ])
  })

  test('cannot give away another tenant, somebody else’s or what is for people', async () => {
    const generous = build({ policy: engine(async () => 'all') }).access
    const foreign = { ...task, tenantId: 'other' }
    await expect(generous.require(ada, 'task:read', foreign)).rejects.toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
    })
    const agent = { ...ada, kind: 'agent' } as const
    await expect(generous.require(agent, 'system:manage')).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    const own = build({ policy: engine(async () => 'own') }).access
    const others = { ...task, ownerId: 'bob' }
    await expect(own.require(ada, 'audit:read', others)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  })

  test.each<[string, PolicyEngine['reach']]>([
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    // The casts stand for engines without types.
    ['answers true', async () => true as unknown as 'all'],
    ['answers nothing', async () => undefined as unknown as 'all'],
  ])('that %s refuses, retryably, recorded as a failure', async (_what, reach) => {
    const { access, entries, logger } = build({ policy: engine(reach) })
    await expect(access.require({ ...ada, role: 'admin' }, 'task:read')).rejects.toMatchObject({
      code: 'POLICY_UNAVAILABLE',
      retryable: true,
    })
    expect(entries).toMatchObject([{ outcome: 'failed', details: { reason: 'policy-unavailable' } }])
    expect(logger.lines).toEqual([
      {
        ...{ level: 'error', message: 'the policy engine gave no answer, so the act was refused' },
        fields: { err: expect.any(Error), permission: 'task:read' },
      },
    ])
  })

  test('that takes too long refuses, and is told to stop', async () => {
    let signal: AbortSignal | undefined
    const policy = engine((_request, options) => {
      signal = options.signal
      return new Promise(() => {})
    })
    const { access, clock } = build({ policy, policyTimeoutMs: 200 })
    const call = expect(access.require(ada, 'task:read')).rejects.toMatchObject({
      code: 'POLICY_UNAVAILABLE',
    })
    await clock.advance(200)
    await call
    expect(signal?.aborted).toBe(true)
    expect(clock.pendingCount).toBe(0)
  })

  test('is no longer waited for when the caller goes away', async () => {
    const { access, entries } = build({ policy: engine(() => new Promise(() => {})) })
    const gone = new AbortController()
    const call = access.require(ada, 'task:read', undefined, { signal: gone.signal })
    gone.abort()
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
    expect(entries).toEqual([])
  })
})

describe('a guarded function', () => {
  test('runs for whoever may, with all its arguments', async () => {
    const { access } = build()
    const sum = requirePermission(
      { access, permission: 'budget:use' },
      (_who, left: number, right: number) => left + right,
    )
    expect(await sum(ada, 2, 3)).toBe(5)
  })

  test('does not run for anybody else', async () => {
    const { access, entries } = build()
    let runs = 0
    const cancel = requirePermission(
      {
        access,
        permission: 'task:cancel',
        resource: async (id: string) => ({ ...task, id, ownerId: id === 't-1' ? 'ada' : 'bob' }),
      },
      async () => ++runs,
    )
    expect(await cancel(ada, 't-1')).toBe(1)
    await expect(cancel(ada, 't-2')).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
    await expect(cancel({ ...ada, role: 'observer' }, 't-1')).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    expect(runs).toBe(1)
    expect(entries.map(({ resource }) => resource)).toEqual(['task/t-2', 'task/t-1'])
  })
})
