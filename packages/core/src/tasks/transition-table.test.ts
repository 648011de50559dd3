import { describe, expect, it } from 'vitest'
import { AutoFixRegistry } from './auto-fix-registry.ts'
import { GUARD_PASSED, type Guard } from './guard.ts'
import { personSaid } from './persons-guards.ts'
import { isFinalStatus, TASK_STATUSES } from './task-status.ts'
import { type TransitionRule, TransitionTable } from './transition-table.ts'

function guard(name: string, change: Partial<Guard> = {}): Guard {
  return { name, description: 'It holds.', reads: [], check: () => GUARD_PASSED, ...change }
}

/** The error that says why the table cannot be. */
const invalidTable = (message: string): unknown =>
  expect.objectContaining({ code: 'TASK_TABLE_INVALID', message })
/** The error that says why the fix named `fix`, or another, cannot be. */
const invalidFix = (why: string): unknown =>
  expect.objectContaining({ code: 'TASK_FIX_INVALID', message: expect.stringContaining(why) })

describe('TransitionTable', () => {
  it.each<[string, readonly TransitionRule[]]>([
    ['a rule leaves the final status completed', [{ from: 'completed', to: 'executing' }]],
    ['a rule stays in executing', [{ from: 'executing', to: 'executing' }]],
    [
      'failed is open to every task: a rule cannot guard it',
      [{ from: 'executing', to: 'failed', guards: [guard('g')] }],
    ],
    [
      "a rule leaves escalated without a person's word",
      [{ from: 'escalated', to: 'executing', guards: [guard('g')] }],
    ],
    [
      'two guards named g',
      [
        { from: 'submitted', to: 'planning', guards: [guard('g')] },
        { from: 'planning', to: 'executing', guards: [guard('g')] },
      ],
    ],
  ])('refuses a table and says why: %s', (message, rules) => {
    expect(() => new TransitionTable(rules)).toThrow(invalidTable(message))
  })

  it('refuses two rules for one move of one kind, and allows them for different kinds', () => {
    const move = { from: 'submitted', to: 'executing' } as const
    expect(() => new TransitionTable([move, { ...move, kinds: ['child'] }])).toThrow(
      invalidTable('two rules for submitted to executing'),
    )
    const table = new TransitionTable([
      { ...move, kinds: ['root'] },
      { ...move, kinds: ['child'], guards: [guard('g')] },
    ])
    expect(table.guardsOf('child', 'submitted', 'executing')).toHaveLength(1)
    expect(table.guardsOf('root', 'submitted', 'executing')).toEqual([])
    expect(table.guardsOf('remediation', 'submitted', 'executing')).toBeUndefined()
  })

  it('lets every open task be cancelled, failed or escalated', () => {
    const table = new TransitionTable([])
    for (const from of TASK_STATUSES) {
      for (const to of ['cancelled', 'failed', 'escalated'] as const) {
        const isOpen = !isFinalStatus(from) && from !== to
        expect(table.guardsOf('root', from, to)).toEqual(isOpen ? [] : undefined)
      }
    }
  })

  it('explains its rules with their guards, and the moves that are open to every task', () => {
    const secure = guard('secure', { isSecurity: true, reads: ['scan'] })
    const table = new TransitionTable([
      { from: 'executing', to: 'reviewing', kinds: ['root'], guards: [secure] },
      { from: 'escalated', to: 'executing', guards: [personSaid('retry')] },
    ])
    const rows = table.explain()
    expect(rows[0]).toEqual({
      from: 'executing',
      to: 'reviewing',
      kinds: ['root'],
      guards: [{ name: 'secure', description: 'It holds.', isSecurity: true, reads: ['scan'] }],
      isImplied: false,
    })
    expect(rows[1]).toMatchObject({ kinds: ['root', 'child', 'remediation'] })
    const implied = rows.filter(({ isImplied }) => isImplied)
    expect(implied).toHaveLength(6 * 3 - 1)
    for (const { from, to, kinds } of rows) {
      for (const kind of kinds) expect(table.guardsOf(kind, from, to)).toBeDefined()
    }
  })
})

describe('AutoFixRegistry', () => {
  const table = new TransitionTable([
    { from: 'executing', to: 'reviewing', guards: [guard('plain'), guard('secure', { isSecurity: true })] },
  ])
  const fix = (change: object): { name: string; guard: string; plan: () => undefined } => ({
    name: 'fix',
    guard: 'plain',
    plan: () => undefined,
    ...change,
  })

  it('refuses a fix for a guard that the table does not have', () => {
    expect(() => new AutoFixRegistry(table, [fix({ guard: 'other' })])).toThrow(
      invalidFix('no guard is named other'),
    )
  })

  it('refuses a fix for a security guard, unless it says that it mends security', () => {
    expect(() => new AutoFixRegistry(table, [fix({ guard: 'secure' })])).toThrow(
      invalidFix('secure is a security guard, and the fix does not say that it mends security'),
    )
    const registry = new AutoFixRegistry(table, [fix({ guard: 'secure', mendsSecurity: true })])
    expect(registry.fixFor('secure', 'any')).toBeDefined()
  })

  it('refuses two fixes for one guard and reason, and two of one name', () => {
    const same = 'fix is for the same guard and reason'
    const twins = [
      [same, [fix({}), fix({ name: 'other' })]],
      [same, [fix({ reasons: ['a', 'b'] }), fix({ name: 'other', reasons: ['b'] })]],
      ['another fix has its name', [fix({ reasons: ['a'] }), fix({ reasons: ['b'] })]],
    ] as const
    for (const [why, fixes] of twins) expect(() => new AutoFixRegistry(table, fixes)).toThrow(invalidFix(why))
    const apart = [fix({ reasons: ['a'] }), fix({ name: 'rest' })]
    const registry = new AutoFixRegistry(table, apart)
    expect(registry.fixFor('plain', 'a')?.name).toBe('fix')
    expect(registry.fixFor('plain', 'z')?.name).toBe('rest')
    expect(registry.fixFor('secure', 'a')).toBeUndefined()
    expect(registry.list()).toHaveLength(2)
  })
})
