import { AGENT_ROLES } from '@golden-arch/core/tasks'
import { PROPOSAL_STATUSES } from '@golden-arch/governance/learning'
import { z } from 'zod'

/** An instant, as JSON holds it. */
export const instant = z.iso.datetime()
const maybeInstant = instant.nullable()

export const agentRole = z.enum(AGENT_ROLES).describe('Role of an agent.')
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** Where the next page begins. */
export const nextCursor = z.string().nullable()

export const roleStatusSchema = z.strictObject({
  agent_role: agentRole,
  status: z.enum(['daily_limit_reached', 'cooldown_active', 'requires_approval', 'can_auto_update']),
  max_updates_per_day: z.int(),
  updates_today: z.int(),
  last_update_at: maybeInstant,
  cooldown_hours: z.int(),
  cooldown_active: z.boolean(),
  requires_approval: z.boolean().describe('By the rules of the role, or as it is frozen.'),
  next_allowed_at: maybeInstant,
  is_frozen: z.boolean().describe('Whether automatic updates wait until a person acknowledges the freeze.'),
  version: z.int().nullable().describe('The version in force.'),
  pending: z.int().describe('Proposals that wait.'),
})

export const governanceStatusSchema = z.strictObject({
  roles: z.array(roleStatusSchema),
  pending_approvals: z.int().describe('Proposals that wait for people.'),
})

const findingSchema = z.strictObject({ gate: z.string(), rule: z.string(), message: z.string() })
const heldBy = z.enum(['daily_limit_reached', 'cooldown_active', 'gate_failed'])
const actor = z.strictObject({ id: z.string(), kind: z.enum(['human', 'agent', 'service']) })

/** A change of a prompt, without its texts. */
const changeFields = {
  update_id: z.string(),
  agent_role: agentRole,
  status: z.enum(PROPOSAL_STATUSES),
  base_version: z.int().nullable(),
  target_version: z.int(),
  content_sha256: sha256.describe('What an approval must name.'),
  reason: z.string(),
  proposed_by: actor,
  proposed_at: instant,
  expires_at: maybeInstant,
  applied_at: maybeInstant,
  settled_by: z.string().nullable(),
  settled_at: maybeInstant,
  notes: z.string().nullable(),
}

export const changeSchema = z.strictObject({
  ...changeFields,
  kind: z.enum(['update', 'rollback', 'break-glass', 'seed']),
})

export const proposalSchema = z.strictObject({
  ...changeFields,
  approvals: z.int(),
  required_approvals: z.int(),
  held_by: heldBy.nullable().describe('What keeps a proposal with all its approvals from being applied.'),
})

const versionFields = {
  agent_role: agentRole,
  version: z.int(),
  content_sha256: sha256,
  created_by: z.string(),
  created_at: instant,
}

export const versionTitleSchema = z.strictObject(versionFields)
export const versionSchema = z.strictObject({ ...versionFields, content: z.string() })

const line = z.strictObject({ line: z.int(), text: z.string() }).nullable()
const resultSchema = z.union([
  z.strictObject({ kind: z.literal('share'), samples: z.int(), successes: z.int() }),
  z.strictObject({
    kind: z.literal('mean'),
    samples: z.int(),
    mean: z.number(),
    standard_deviation: z.number(),
  }),
])
const evaluations = z.array(
  z.strictObject({
    dataset: z.string(),
    result: resultSchema,
    recorded_by: z.string(),
    recorded_at: instant,
  }),
)

export const dossierSchema = z.strictObject({
  proposal: proposalSchema,
  base: versionSchema.nullable().describe('The text that it would take the place of, or took.'),
  proposed: versionSchema,
  difference: z.strictObject({
    added_lines: z.int(),
    removed_lines: z.int(),
    is_smallest: z.boolean(),
    rows: z.array(
      z.strictObject({
        kind: z.enum(['same', 'changed', 'removed', 'added']),
        base: line,
        proposed: line,
      }),
    ),
  }),
  findings: z
    .array(findingSchema)
    .nullable()
    .describe('What the gates have against it now; null where it is settled.'),
  evaluations: z.strictObject({ base: evaluations, proposed: evaluations }),
  words: z
    .array(
      z.strictObject({
        approver: z.string(),
        content_sha256: sha256,
        notes: z.string().nullable(),
        approved_at: instant,
      }),
    )
    .describe('What people said when they approved.'),
})

export const proposedSchema = z.strictObject({
  update_id: z.string(),
  status: z.enum(PROPOSAL_STATUSES),
  version: z.int(),
  content_sha256: sha256,
  applied_at: instant.optional(),
  expires_at: instant.optional(),
})

export const approvalSchema = z.strictObject({
  update_id: z.string(),
  status: z
    .enum(['applied', 'counted', 'held'])
    .describe('`counted`: others must approve too; `held`: it is applied once nothing is in the way.'),
  approvals: z.int(),
  required_approvals: z.int(),
  version: z.int().optional(),
  applied_at: instant.optional(),
  expires_at: maybeInstant.optional(),
  held_by: heldBy.optional(),
  next_allowed_at: maybeInstant.optional(),
  findings: z.array(findingSchema).optional(),
})

export const rejectionSchema = z.strictObject({
  update_id: z.string(),
  status: z.literal('rejected'),
  settled_by: z.string(),
  settled_at: instant,
})

export const rollbackSchema = z.strictObject({
  update_id: z.string(),
  agent_role: agentRole,
  version: z.int(),
  applied_at: instant,
  is_frozen: z.boolean().describe('Whether automatic updates of the role wait for a person now.'),
})

export const freezeSchema = z.strictObject({
  agent_role: agentRole,
  frozen_at: instant,
  reason: z.string(),
  acknowledged_by: z.string(),
  acknowledged_at: instant,
})
