import { Page } from '../../components/page.tsx'

/** Task. */
export function TaskPage() {
  return <Page title="Task">{null}</Page>
}
