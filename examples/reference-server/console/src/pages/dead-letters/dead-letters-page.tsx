import { Page } from '../../components/page.tsx'

/** Dead letters. */
export function DeadLettersPage() {
  return <Page title="Dead letters">{null}</Page>
}
