import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { api, dataOf } from '../../api/api.ts'
import { Ago } from '../../components/ago.tsx'
import { Facts } from '../../components/facts.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { approvalsOf } from './approvals-of.ts'
import type { DossierView } from './dossier.ts'
import { EvaluationTable } from './evaluation-table.tsx'
import { PromptDifference } from './prompt-difference.tsx'
import styles from './prompts.module.css'
import { VersionTasks } from './version-tasks.tsx'
import { WordButtons } from './word-buttons.tsx'

/** A proposal: both texts side by side, what speaks against it, how both were evaluated, and what people said. */
export function ProposalPage() {
  const { id } = useParams({ from: '/signed-in/prompts/$id' })
  const dossier = useQuery({
    queryKey: ['prompts', 'proposal', id],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/governance/proposals/{id}', { params: { path: { id } }, signal })),
  })
  const proposal = dossier.data?.proposal
  return (
    <Page
      title={
        proposal === undefined
          ? 'Proposal'
          : `Prompt of ${proposal.agent_role}, version ${proposal.target_version}`
      }
      about={<Link to="/prompts">All proposals</Link>}
      actions={proposal !== undefined && <WordButtons proposal={proposal} />}
    >
      <Loaded query={dossier}>
        {(data) => (
          <>
            <Panel title="Proposal">
              <ProposalFacts proposal={data.proposal} />
            </Panel>
            <Panel title="Difference">
              <PromptDifference dossier={data} />
            </Panel>
            <Panel title="What the gates say">
              <GateFindings findings={data.findings} />
            </Panel>
            <Panel title="Evaluation">
              <EvaluationTable dossier={data} />
            </Panel>
            <Panel title="Approvals">
              <ApprovalWords words={data.words} />
            </Panel>
            {data.proposal.status === 'applied' && (
              <Panel title="Tasks that ran with it">
                <VersionTasks role={data.proposal.agent_role} version={data.proposal.target_version} />
              </Panel>
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function ProposalFacts({ proposal }: { readonly proposal: DossierView['proposal'] }) {
  const { status, reason, proposed_by: by, approvals, required_approvals: required, held_by } = proposal
  return (
    <Facts
      facts={[
        ['State', <StateBadge key="state" state={status} />],
        ['Why', reason],
        ['By', `${by.id} (${by.kind})`],
        ['Proposed', <Ago key="proposed" at={proposal.proposed_at} />],
        ['Approvals', approvalsOf({ status, approvals, required_approvals: required })],
        ...(held_by === null ? [] : ([['Held by', held_by.replaceAll('_', ' ')]] as const)),
        ...(status === 'pending' ? ([['Falls', <Ago key="falls" at={proposal.expires_at} />]] as const) : []),
        ...(proposal.applied_at === null
          ? []
          : ([['In force since', <Ago key="applied" at={proposal.applied_at} />]] as const)),
        ...(proposal.settled_by === null ? [] : ([['Settled by', proposal.settled_by]] as const)),
        ...(proposal.notes === null ? [] : ([['Notes', proposal.notes]] as const)),
      ]}
    />
  )
}

function GateFindings({ findings }: { readonly findings: DossierView['findings'] }) {
  if (findings === null) return <p>It is settled; the gates are not asked any more.</p>
  if (findings.length === 0) return <p>Nothing speaks against it.</p>
  return (
    <ul className={styles.list}>
      {findings.map(({ gate, rule, message }) => (
        <li key={`${gate} ${rule} ${message}`}>
          <StateBadge state={gate} tone="bad" /> {message} <code>{rule}</code>
        </li>
      ))}
    </ul>
  )
}

function ApprovalWords({ words }: { readonly words: DossierView['words'] }) {
  if (words.length === 0) return <p>Nobody has approved it yet.</p>
  return (
    <ul className={styles.list}>
      {words.map(({ approver, notes, approved_at: at }) => (
        <li key={approver}>
          {approver}, <Ago at={at} />
          {notes !== null && `: ${notes}`}
        </li>
      ))}
    </ul>
  )
}
