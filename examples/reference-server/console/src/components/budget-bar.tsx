import type { BudgetView } from '../api/views.ts'
import { countText } from './amounts.tsx'
import { Bar } from './bar.tsx'

const WARN_SHARE = 0.8

/** How much of a budget's tokens is used and held. */
export function BudgetBar({ state, label }: { readonly state: BudgetView; readonly label: string }) {
  const { used, reserved, limit } = state
  const held = reserved === 0 ? '' : `, ${countText(reserved)} held`
  if (limit === null) {
    return <Bar label={label} value={0} max={1} text={`${countText(used)} used${held}, no limit`} />
  }
  const share = (used + reserved) / Math.max(1, limit)
  return (
    <Bar
      label={label}
      value={used}
      further={reserved}
      max={limit}
      text={`${countText(used)} of ${countText(limit)} used${held}`}
      tone={share >= 1 ? 'bad' : share >= WARN_SHARE ? 'warn' : 'good'}
    />
  )
}
