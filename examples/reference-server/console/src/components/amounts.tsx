import type { MoneyView } from '../api/views.ts'

const WHOLE = new Intl.NumberFormat('en')
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const MICROS = 1_000_000
const SMALL_FRACTION_DIGITS = 4

/** A number of tokens, short; whole when one points at it. */
export function Tokens({ count }: { readonly count: number | null }) {
  if (count === null) return <span>no limit</span>
  return <span title={`${WHOLE.format(count)} tokens`}>{SHORT.format(count)}</span>
}

/** An amount of money, with more digits below one unit. */
export function Money({ amount }: { readonly amount: MoneyView | null }) {
  return <span>{amount === null ? '—' : moneyText(amount)}</span>
}

/** An amount of money in words. */
export function moneyText({
  currency,
  micros,
}: {
  readonly currency: string
  readonly micros: number
}): string {
  const units = micros / MICROS
  const digits = Math.abs(units) < 1 ? SMALL_FRACTION_DIGITS : 2
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  })
  return format.format(units)
}

/** A count with separators. */
export function countText(count: number): string {
  return WHOLE.format(count)
}
