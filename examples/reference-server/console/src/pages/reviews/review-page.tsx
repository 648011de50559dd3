import { Page } from '../../components/page.tsx'

/** Review. */
export function ReviewPage() {
  return <Page title="Review">{null}</Page>
}
