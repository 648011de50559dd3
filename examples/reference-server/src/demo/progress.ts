import type { EventEnvelope } from '@golden-arch/core/events'
import { z } from 'zod'

const transition = z.object({
  kind: z.string(),
  to: z.string(),
  reason: z.string().nullish(),
  attempts: z.record(z.string(), z.number()).default({}),
})

/** Where the progress of a run is shown. */
export interface Progress {
  /** Takes note of an event about a task. */
  show(event: EventEnvelope): void
  /** Leaves the screen as it is and shows no more. */
  end(): void
}

/** What a line of the display says of a root. */
interface RootLine {
  status: string
  detail: string
}

const STATUS_WIDTH = 12
const NAME_WIDTH = 34

/** One plain line for each change of a root: for pipes and logs. */
export function plainProgress(write: (text: string) => void): Progress {
  return {
    show: (event) => {
      const line = describe(event)
      if (line === undefined) return
      write(
        `${event.time.slice(11, 19)} ${line.name.padEnd(NAME_WIDTH)} ${line.status.padEnd(STATUS_WIDTH)} ${line.detail}`.trimEnd(),
      )
    },
    end: () => undefined,
  }
}

/** A block with one line for each root, drawn anew in place: for a terminal. */
export function liveProgress(stream: NodeJS.WriteStream, roots: readonly string[]): Progress {
  const lines = new Map<string, RootLine>(roots.map((name) => [name, { status: 'submitted', detail: '' }]))
  let drawn = 0
  const draw = (): void => {
    const width = (stream.columns ?? 80) - 1
    const text = [...lines].map(([name, line]) => {
      const plain = `${name.padEnd(NAME_WIDTH)} ${line.status.padEnd(STATUS_WIDTH)} ${line.detail}`
      return `\u001b[2K${colour(line.status)}${plain.slice(0, width)}\u001b[0m`
    })
    stream.write(`${drawn > 0 ? `\u001b[${drawn}A` : ''}${text.join('\n')}\n`)
    drawn = text.length
  }
  draw()
  return {
    show: (event) => {
      const line = describe(event)
      if (line === undefined) return
      lines.set(line.name, { status: line.status, detail: line.detail })
      draw()
    },
    end: () => undefined,
  }
}

function describe(event: EventEnvelope): { name: string; status: string; detail: string } | undefined {
  const data = transition.safeParse(event.data)
  if (!data.success || event.subject === undefined) return undefined
  const { kind, to, reason, attempts } = data.data
  if (kind === 'child') {
    const [root = '', part = ''] = event.subject.split('/')
    return { name: root, status: 'waiting', detail: `part ${part}: ${to}` }
  }
  if (kind !== 'root') return undefined
  const attempt = Math.max(1, ...Object.values(attempts))
  const details = [reason ?? '', attempt > 1 ? `attempt ${attempt}` : ''].filter((text) => text !== '')
  return { name: event.subject, status: to, detail: details.join(', ') }
}

function colour(status: string): string {
  if (status === 'completed') return '\u001b[32m'
  if (status === 'escalated' || status === 'failed') return '\u001b[33m'
  if (status === 'submitted') return '\u001b[2m'
  return '\u001b[36m'
}
