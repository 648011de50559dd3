import { api, dataOf } from '../../api/api.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { Page } from '../../components/page.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { useAct } from '../../components/use-act.ts'
import { usePages } from '../../components/use-pages.ts'
import { BreakerCard } from './breaker-card.tsx'

const REFRESH_MS = 10_000

/** Circuit breakers of all processes, what each became of late, and what holds one by hand. */
export function BreakersPage() {
  const breakers = usePages(
    ['breakers', 'list'],
    ({ at, signal }) => dataOf(api.GET('/api/v1/circuit-breakers', { params: { query: at }, signal })),
    REFRESH_MS,
  )
  return (
    <Page
      title="Circuit breakers"
      about="An open breaker lets no call pass, so that what has failed can recover; then one call tries."
      actions={<ResetAllButton />}
    >
      <Loaded query={breakers}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.breakers)
          if (all.length === 0) {
            return (
              <EmptyState title="No breaker yet">
                Breakers appear with the first call to what they guard, such as a model.
              </EmptyState>
            )
          }
          return all.map((breaker) => <BreakerCard key={breaker.name} breaker={breaker} />)
        }}
      </Loaded>
      <MoreButton pages={breakers} />
    </Page>
  )
}

function ResetAllButton() {
  const reset = useAct({
    name: 'Reset all breakers',
    run: () => dataOf(api.POST('/api/v1/circuit-breakers/reset_all')),
    done: ({ changed }) => `${changed} breakers are closed`,
    touches: ['breakers', 'stats'],
  })
  return (
    <Permitted permission="breaker:manage">
      <ConfirmButton
        label="Reset all"
        kind="danger"
        title="Close every breaker?"
        onConfirm={() => reset.mutateAsync()}
      >
        <p>All calls pass again in all processes, also to what still fails, until it trips once more.</p>
      </ConfirmButton>
    </Permitted>
  )
}
