import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isGoldenError } from '../errors/index.ts'
import { applyDecision } from './apply-decision.ts'
import type { FixPolicy } from './auto-fix.ts'
import { AutoFixRegistry } from './auto-fix-registry.ts'
import { decideSettlement } from './decide-settlement.ts'
import { decideTransition } from './decide-transition.ts'
import { PERSON_DECISIONS, type PersonDecision, personsWords } from './persons-word.ts'
import type { Task, TaskFacts } from './task.ts'
import { isFinalStatus, TASK_STATUSES, type TaskStatus } from './task-status.ts'
import { askingTask } from './testing/asking-task.ts'
import { SAMPLE_FIXES, SAMPLE_TABLE } from './testing/machine-setting.ts'

const now = new Date('2026-03-01T12:00:00Z')
const fixes = new AutoFixRegistry(SAMPLE_TABLE, SAMPLE_FIXES)

const bool = fc.boolean()
const move = fc.record({
  to: fc.constantFrom(...TASK_STATUSES),
  evidence: fc.record({ tests: bool, parts: bool, safe: bool }, { requiredKeys: [] }),
})
const word = fc.record({ decision: fc.constantFrom(...PERSON_DECISIONS), by: fc.constantFrom('ada', 'bob') })
const walk = fc.array(fc.oneof({ weight: 4, arbitrary: move }, { weight: 1, arbitrary: word }), {
  minLength: 1,
  maxLength: 30,
})
const policies = fc.record({ maxTriesPerGuard: fc.nat(3), maxFixesPerTask: fc.nat(5) })

type Asked =
  | { readonly to: TaskStatus; readonly evidence: TaskFacts }
  | { readonly decision: PersonDecision; readonly by: string }

/** The task after one thing was asked of it; the very same where that was refused. */
function after(task: Task, asked: Asked, policy: FixPolicy): Task {
  try {
    if ('to' in asked) {
      const decision = decideTransition(task, asked, { table: SAMPLE_TABLE, fixes, policy }, now)
      const { task: moved, wake } = applyDecision(task, decision)
      // A final task wakes nobody, and one that a person is asked about waits for the person.
      if (isFinalStatus(moved.status) || moved.status === 'escalated') expect(wake).toBe('never')
      return moved
    }
    const askedAtVersion = task.waitingFor?.kind === 'approval' ? task.waitingFor.askedAtVersion : 1
    const settlement = decideSettlement(task, { ...asked, note: null, askedAtVersion }, now)
    return settlement.kind === 'settled' ? settlement.task : task
  } catch (error) {
    if (!isGoldenError(error)) throw error
    return task
  }
}

it('whatever is asked of a task, it stays one that the table of tasks takes, within its bounds', () => {
  fc.assert(
    fc.property(
      walk,
      policies,
      fc.constantFrom('root' as const, 'child' as const, 'remediation' as const),
      (steps, bounds, kind) => {
        let task = askingTask({
          kind,
          status: 'submitted',
          statusReason: null,
          waitingFor: null,
          resumeTo: null,
          fixes: {},
          input: { name: ' a ' },
        })
        for (const asked of steps) {
          const next = after(task, asked, bounds)
          if (next === task) continue
          expect(isFinalStatus(task.status)).toBe(false)
          expect(next.version).toBe(task.version + 1)
          const isAside = next.status === 'waiting' || next.status === 'escalated'
          expect([next.waitingFor !== null, next.resumeTo !== null]).toEqual([isAside, isAside])
          expect(['submitted', 'planning', 'executing', 'reviewing', 'waiting', null]).toContain(
            next.resumeTo,
          )
          const tries = Object.values(next.fixes)
          expect(tries.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(bounds.maxFixesPerTask)
          expect(Math.max(0, ...tries)).toBeLessThanOrEqual(bounds.maxTriesPerGuard)
          if (kind === 'remediation') expect(next.fixes).toEqual({})
          // Nobody but a person takes a task out of escalated and on.
          if (task.status === 'escalated' && !isAside && !isFinalStatus(next.status))
            expect(personsWords(next).length).toBeGreaterThan(0)
          task = next
        }
      },
    ),
    { numRuns: 500 },
  )
})
