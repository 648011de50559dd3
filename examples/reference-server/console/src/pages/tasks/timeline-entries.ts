import type { TaskWorkView } from '../../api/views.ts'
import { countText, moneyText } from '../../components/amounts.tsx'
import type { Tone } from '../../components/state-badge.tsx'
import type { LiveEvent } from '../../live/live-events.ts'

/** Something that happened to a task, in words. */
export interface TimelineEntry {
  readonly id: string
  readonly at: string
  /** What sort of thing: `state`, `guard`, `fix`, `call`, `vote`, `step`, `person`. */
  readonly kind: string
  readonly title: string
  readonly detail: string | undefined
  readonly tone: Tone
}

type Data = Readonly<Record<string, unknown>>

/** The events of a task in words. `calls` are what is known of the calls that its steps made. */
export function timelineEntries(
  events: readonly LiveEvent[],
  calls: TaskWorkView['calls'],
): readonly TimelineEntry[] {
  return events.flatMap((event) => {
    // Events of tasks have objects for data.
    const data = (event.data ?? {}) as Data
    const entry = entryOf(event, data, calls)
    return entry === undefined ? [] : [{ id: event.id, at: event.time, detail: undefined, ...entry }]
  })
}

type Words = Pick<TimelineEntry, 'kind' | 'title' | 'tone'> & { readonly detail?: string }

function entryOf({ type }: LiveEvent, data: Data, calls: TaskWorkView['calls']): Words | undefined {
  if (type === 'task.created') return { kind: 'state', title: 'submitted', tone: 'quiet' }
  if (type === 'task.fix') return fixWords(data)
  if (type === 'task.settled') {
    const reason = text(data.reason)
    return {
      kind: 'person',
      title: `A person decided: ${text(data.decision)}`,
      tone: 'good',
      ...(reason === '' ? {} : { detail: reason }),
    }
  }
  if (type.startsWith('task.step.')) return stepWords(type, data, calls)
  return typeof data.to === 'string' ? moveWords(data.to, data) : undefined
}

const TONES: Readonly<Record<string, Tone>> = {
  completed: 'good',
  failed: 'bad',
  cancelled: 'quiet',
  waiting: 'warn',
  escalated: 'warn',
}

function moveWords(to: string, data: Data): Words {
  const tone = TONES[to] ?? 'busy'
  const detail = [text(data.reason), text(data.feedback)].filter((part) => part !== '').join(': ')
  if (typeof data.guard !== 'string')
    return { kind: 'state', title: to, tone, ...(detail === '' ? {} : { detail }) }
  return { kind: 'guard', title: `${to}: the guard ${data.guard} refused`, tone, detail }
}

function fixWords(data: Data): Words {
  const outcome = text(data.outcome)
  return {
    kind: 'fix',
    title: `${text(data.fix)}: ${outcome}`,
    detail: `try ${text(data.try)}, for ${text(data.guard)} at ${text(data.transition)}`,
    tone: outcome === 'succeeded' ? 'good' : outcome === 'started' ? 'busy' : 'bad',
  }
}

function stepWords(type: string, data: Data, calls: TaskWorkView['calls']): Words | undefined {
  const step = text(data.stepId)
  const kind = step.startsWith('review:') && step.split(':').length === 3 ? 'vote' : 'step'
  if (type.startsWith('task.step.requested')) {
    return { kind, title: `${step} asked of ${text(data.service)}`, tone: 'quiet' }
  }
  const made = calls.filter((call) => call.step === step)
  const state = text(data.state)
  return {
    kind: made.length === 0 ? kind : `${kind}, call`,
    title: `${step}: ${state}`,
    tone: state === 'done' ? 'good' : state === 'failed' ? 'bad' : 'quiet',
    ...(made.length === 0 ? {} : { detail: made.map(callText).join('; ') }),
  }
}

function callText({ agent_id, model, tokens, cost }: TaskWorkView['calls'][number]): string {
  const parts = [
    agent_id,
    model,
    tokens === null ? null : `${countText(tokens)} tokens`,
    cost === null ? null : moneyText(cost),
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value)
}
