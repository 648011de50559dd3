import { Page } from '../../components/page.tsx'

/** Prompts. */
export function PromptsPage() {
  return <Page title="Prompts">{null}</Page>
}
