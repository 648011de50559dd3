import { Link } from '@tanstack/react-router'
import { EmptyState } from './empty-state.tsx'
import { Page } from './page.tsx'

/** What stands where no page is. */
export function PageMissing() {
  return (
    <Page title="No such page">
      <EmptyState title="There is nothing at this address">
        It may have been typed wrong. <Link to="/">Go to the overview</Link>
      </EmptyState>
    </Page>
  )
}
