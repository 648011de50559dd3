import { expect } from 'vitest'
import type { BilledCall } from '../../scripted-model/bill.ts'
import type { Answer } from '../../testing/assembled-server.ts'
import type { Person, Stage } from './story.ts'

/** What anything here may take on a machine that does much else; nothing asks how long it took. */
export const SLOW_MS = 300_000

/** Asks until the body of the answer holds what is wanted; gives it. */
export async function until(ask: () => Promise<Answer>, wanted: object): Promise<Record<string, unknown>> {
  let body: Record<string, unknown> = {}
  const look = async (): Promise<unknown> => {
    body = (await ask()).body ?? {}
    return body
  }
  await expect.poll(look, { timeout: SLOW_MS, interval: 100 }).toMatchObject(wanted)
  return body
}

/** Posts a task, and waits for it to come where it is to end. */
export async function taskEnds(
  person: Person,
  task: Readonly<Record<string, unknown>>,
  wanted: object,
): Promise<Record<string, unknown>> {
  expect(await person.post('/api/v1/tasks', task)).toMatchObject({ status: 202 })
  return await taskBecomes(person, String(task.id), wanted)
}

/** Waits for a task to be as wanted. */
export function taskBecomes(person: Person, id: string, wanted: object): Promise<Record<string, unknown>> {
  return until(() => person.get(`/api/v1/tasks/${id}`), wanted)
}

/** The one escalation of a task that is not resolved. */
export async function openEscalation(person: Person, taskId: string): Promise<Record<string, unknown>> {
  const path = `/api/v1/escalations?status=unresolved&subject_kind=task&subject_id=${taskId}`
  const { escalations } = await until(() => person.get(path), { escalations: [{ task_id: taskId }] })
  // One was found, as was waited for.
  return (escalations as Record<string, unknown>[])[0] ?? {}
}

/** The calls for a task, whichever model they came to: where a breaker has opened, it is the other one for a while. */
export function callsFor({ model, reserve }: Stage, taskId: string): readonly BilledCall[] {
  const calls = [model, reserve].flatMap(({ bill }) => bill.view().calls)
  return calls.filter(({ step }) => step.startsWith(`${taskId}|`))
}

/** Who did what to a thing, as the audit log tells it, the first act first: `ada task.create allowed`. */
export async function actsOn(person: Person, resource: string): Promise<readonly string[]> {
  const { body } = await person.get(`/api/v1/audit?limit=200&resource=${encodeURIComponent(resource)}`)
  // The route answers entries that each have these three.
  const entries = (body?.entries ?? []) as { actor: { id: string }; action: string; outcome: string }[]
  return entries.map(({ actor, action, outcome }) => `${actor.id} ${action} ${outcome}`).reverse()
}

/** What a task has spent, and holds. */
export async function budgetOf(person: Person, taskId: string): Promise<unknown> {
  return (await person.get(`/api/v1/budget/state?project_id=coding-tasks&task_id=${taskId}`)).body
}
