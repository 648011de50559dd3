import { Page } from '../../components/page.tsx'

/** Circuit breakers. */
export function BreakersPage() {
  return <Page title="Circuit breakers">{null}</Page>
}
