import { api, dataOf } from '../../api/api.ts'
import type { DeadLetterGroupView } from '../../api/views.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { Page } from '../../components/page.tsx'
import { usePages } from '../../components/use-pages.ts'
import { DeadLetterGroup } from './dead-letter-group.tsx'
import { useSeenGroups } from './use-seen-groups.ts'

const REFRESH_MS = 10_000

/** Messages that were given up, by the kind of their failure. */
export function DeadLettersPage() {
  const groups = usePages(
    ['dead letters', 'groups'],
    ({ at, signal }) => dataOf(api.GET('/api/v1/dlq/groups', { params: { query: at }, signal })),
    REFRESH_MS,
  )
  return (
    <Page
      title="Dead letters"
      about="Messages that were given up after their last try, by the kind of failure. Mend the cause, then publish them again."
    >
      <Loaded query={groups}>
        {({ pages }) => <GroupList groups={pages.flatMap((page) => page.groups)} />}
      </Loaded>
      <MoreButton pages={groups} />
    </Page>
  )
}

function GroupList({ groups }: { readonly groups: readonly DeadLetterGroupView[] }) {
  const seen = useSeenGroups(groups)
  if (seen.length === 0) {
    return (
      <EmptyState title="No message was given up">
        A message that fails at each of its tries comes here, whole, and can be published again.
      </EmptyState>
    )
  }
  return seen.map((group) => <DeadLetterGroup key={group.fingerprint} group={group} />)
}
