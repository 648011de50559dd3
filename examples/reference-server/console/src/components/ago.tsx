import { useEffect, useState } from 'react'

const MINUTE_MS = 60_000
const TICK_MS = 15_000
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const ABSOLUTE = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })

/** How long ago an instant was, or how soon it comes; the instant itself when one points at it. */
export function Ago({ at }: { readonly at: string | null }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  if (at === null) return <span>—</span>
  return (
    <time dateTime={at} title={ABSOLUTE.format(new Date(at))}>
      {distance(Date.parse(at) - now)}
    </time>
  )
}

/** A distance in time in words, rounded to its greatest unit. */
function distance(ms: number): string {
  const minutes = ms / MINUTE_MS
  if (Math.abs(minutes) < 1) return ms < 0 ? 'just now' : 'in a moment'
  if (Math.abs(minutes) < 60) return RELATIVE.format(Math.trunc(minutes), 'minute')
  if (Math.abs(minutes) < 60 * 48) return RELATIVE.format(Math.trunc(minutes / 60), 'hour')
  return RELATIVE.format(Math.trunc(minutes / 60 / 24), 'day')
}
