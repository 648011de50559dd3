import { useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import type { components } from '../../api/schema.d.ts'
import { countText } from '../../components/amounts.tsx'
import { Button } from '../../components/button.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import styles from './audit-page.module.css'

/** Whether the chain of the log is whole. A verification reads all of it, so it is made when one asks. */
export function ChainBadge() {
  const verification = useQuery({
    queryKey: ['audit verification'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/audit/verify', { signal })),
    enabled: false,
    retry: false,
  })
  const { data, error, isFetching } = verification
  return (
    <div className={styles.chain}>
      <span role="status">
        {isFetching && 'Reading the whole chain…'}
        {!isFetching && error !== null && `Not verified: ${error.message}`}
        {!isFetching && error === null && data !== undefined && <Verdict verification={data} />}
      </span>
      <Button isPending={isFetching} onPress={() => void verification.refetch()}>
        Verify the chain
      </Button>
    </div>
  )
}

function Verdict({ verification }: { readonly verification: components['schemas']['AuditVerification'] }) {
  if (!verification.ok) {
    const { first_bad_sequence: place, reason } = verification
    return (
      <>
        <StateBadge state="broken" tone="bad" /> {place !== null && `at ${place}: `}
        {reason}
      </>
    )
  }
  const { entries, confirmed_sequence: confirmed } = verification
  return (
    <>
      <StateBadge state="verified" tone="good" /> {countText(entries)} entries
      {confirmed !== null && `, to ${confirmed} by a signed checkpoint`}
    </>
  )
}
