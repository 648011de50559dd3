import type { ReviewView } from '../../api/views.ts'
import { StateBadge } from '../../components/state-badge.tsx'

/** How a round stands, and whether a person let the work pass all the same. */
export function ReviewOutcome({ review }: { readonly review: ReviewView }) {
  const { outcome, overridden_by: by } = review
  return (
    <>
      <StateBadge state={outcome ?? 'open'} tone={outcome === null ? 'busy' : undefined} />
      {by !== null && <> passed by {by}</>}
    </>
  )
}
