import type { ReactNode } from 'react'
import type { BreakerView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { BreakerActions } from './breaker-actions.tsx'
import { BreakerTimeline } from './breaker-timeline.tsx'

const SECOND_MS = 1000

/** A breaker: how it is, why, and what it became of late. */
export function BreakerCard({ breaker }: { readonly breaker: BreakerView }) {
  return (
    <Panel title={breaker.name} actions={<BreakerActions breaker={breaker} />}>
      <Facts facts={factsOf(breaker)} />
      <BreakerTimeline breaker={breaker} />
    </Panel>
  )
}

function factsOf(breaker: BreakerView): readonly (readonly [string, ReactNode])[] {
  const { state, failure_count: failures, reason, retry_after_ms: wait, last_failure_at: at } = breaker
  return [
    ['State', <StateBadge key="state" state={state} />],
    ['Failures since the last success', failures],
    ...(reason === null ? [] : ([['Why', reason]] as const)),
    ...(wait === null ? [] : ([['A call tries again in', `${Math.ceil(wait / SECOND_MS)} s`]] as const)),
    ...(at === null ? [] : ([['Last opened for failures', <Ago key="at" at={at} />]] as const)),
  ]
}
