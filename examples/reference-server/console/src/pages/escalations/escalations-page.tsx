import { Page } from '../../components/page.tsx'

/** Escalations. */
export function EscalationsPage() {
  return <Page title="Escalations">{null}</Page>
}
