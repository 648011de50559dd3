import { useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import type { paths } from '../../api/schema.d.ts'
import { Ago } from '../../components/ago.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge, type Tone } from '../../components/state-badge.tsx'
import styles from './prompts.module.css'
import { RollBackButton } from './roll-back-button.tsx'
import { UnfreezeButton } from './unfreeze-button.tsx'

type RoleView =
  paths['/api/v1/governance/status']['get']['responses'][200]['content']['application/json']['roles'][number]

const WORDS: Readonly<Record<RoleView['status'], readonly [string, Tone]>> = {
  daily_limit_reached: ['no more today', 'warn'],
  cooldown_active: ['cools down', 'warn'],
  requires_approval: ['by approval', 'busy'],
  can_auto_update: ['free to update', 'good'],
}

/** What is in the way of an update of each role's prompt, and the way back. */
export function RoleTable() {
  const status = useQuery({
    queryKey: ['prompts', 'roles'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/governance/status', { signal })),
  })
  return (
    <Panel title="Roles">
      <Loaded query={status}>
        {({ roles }) => (
          <DataTable
            label="Roles and their prompts"
            columns={[
              { name: 'Role', cell: ({ agent_role: role }: RoleView) => role },
              { name: 'In force', cell: ({ version }) => (version === null ? '—' : `version ${version}`) },
              { name: 'State', cell: (role) => <RoleState role={role} /> },
              {
                name: 'Updates today',
                cell: ({ updates_today: today, max_updates_per_day: max }) => `${today} of ${max}`,
                isNumber: true,
              },
              { name: 'Last', cell: ({ last_update_at: at }) => <Ago at={at} />, isNumber: true },
              { name: 'Next from', cell: ({ next_allowed_at: at }) => <Ago at={at} />, isNumber: true },
              {
                name: 'Actions',
                isNameHidden: true,
                isNumber: true,
                cell: ({ agent_role: role, version, is_frozen: isFrozen }) => (
                  <div className={styles.buttons}>
                    {isFrozen && <UnfreezeButton role={role} />}
                    {version !== null && version > 1 && <RollBackButton role={role} version={version} />}
                  </div>
                ),
              },
            ]}
            rows={roles}
            keyOf={({ agent_role: role }) => role}
            empty={null}
          />
        )}
      </Loaded>
    </Panel>
  )
}

function RoleState({ role: { status, is_frozen: isFrozen } }: { readonly role: RoleView }) {
  const [word, tone] = WORDS[status]
  return (
    <>
      <StateBadge state={word} tone={tone} /> {isFrozen && <StateBadge state="frozen" tone="bad" />}
    </>
  )
}
