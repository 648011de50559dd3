import { Page } from '../../components/page.tsx'

/** Audit log. */
export function AuditPage() {
  return <Page title="Audit log">{null}</Page>
}
