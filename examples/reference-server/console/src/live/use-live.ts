import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { useMay } from '../session/use-session.ts'
import { type LiveStatus, liveEvents } from './live-events.ts'

/** How it stands with the connection for events. */
export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(liveEvents.watch, liveEvents.status)
}

/** What an event of a task may have changed, by the first word of a query's key. */
const TOUCHED = ['tasks', 'task', 'stats', 'activity', 'agents', 'budgets', 'reviews', 'escalations'] as const
const GATHER_MS = 300

/**
 * Keeps what is on the screen as fresh as the events of tasks say, while it is mounted: reads again what an event may
 * have changed, at most a few times a second, and everything after a break in the connection.
 */
export function useLiveUpdates(): void {
  const queries = useQueryClient()
  const mayListen = useMay('task:read')
  useEffect(() => {
    if (!mayListen) return undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let wasBroken = false
    const touch = (): void => {
      timer = undefined
      for (const key of TOUCHED) void queries.invalidateQueries({ queryKey: [key] })
    }
    const unwatch = liveEvents.watch(() => {
      const status = liveEvents.status()
      if (status === 'live' && wasBroken) void queries.invalidateQueries()
      wasBroken = status === 'reconnecting'
    })
    liveEvents.start()
    const unhear = liveEvents.hear(null, () => {
      timer ??= setTimeout(touch, GATHER_MS)
    })
    return () => {
      clearTimeout(timer)
      unhear()
      unwatch()
      liveEvents.stop()
    }
  }, [queries, mayListen])
}
