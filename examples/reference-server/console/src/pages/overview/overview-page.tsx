import { Page } from '../../components/page.tsx'

/** Overview. */
export function OverviewPage() {
  return <Page title="Overview">{null}</Page>
}
