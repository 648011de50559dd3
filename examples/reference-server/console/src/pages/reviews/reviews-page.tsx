import { Page } from '../../components/page.tsx'

/** Reviews. */
export function ReviewsPage() {
  return <Page title="Reviews">{null}</Page>
}
