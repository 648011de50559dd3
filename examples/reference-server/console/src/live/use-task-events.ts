import { useEffect, useState } from 'react'
import { type LiveEvent, liveEvents } from './live-events.ts'

/** The events of a task from its creation on, as they come; each once, in the order of their places. */
export function useTaskEvents(taskId: string): readonly LiveEvent[] {
  const [events, setEvents] = useState<readonly LiveEvent[]>([])
  useEffect(() => {
    setEvents([])
    return liveEvents.hear(taskId, (event) =>
      setEvents((before) => (before.some(({ id }) => id === event.id) ? before : [...before, event])),
    )
  }, [taskId])
  return events
}
