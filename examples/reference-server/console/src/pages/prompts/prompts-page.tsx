import { Page } from '../../components/page.tsx'
import { ProposalList } from './proposal-list.tsx'
import { RoleTable } from './role-table.tsx'

/** Prompts of the roles of agents, and what is proposed for them. */
export function PromptsPage() {
  return (
    <Page
      title="Prompts"
      about="The prompts of agents change by proposals. The rules of a role say how often, and whether people must approve."
    >
      <ProposalList />
      <RoleTable />
    </Page>
  )
}
