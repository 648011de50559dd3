import type { AssembledServer } from '../assembled-server.ts'
import type { PreparedRequests } from './prepared-request.ts'

/** Open escalations, one for each thing that is done to them. */
export async function prepareEscalations({ system }: AssembledServer): Promise<PreparedRequests> {
  const raise = async (id: string): Promise<{ readonly id: string }> => {
    const report = {
      tenantId: 'acme',
      subject: { kind: 'breaker', id },
      reason: 'stuck-open',
      evidence: {},
    } as const
    const { escalation } = await system.database.transaction((tx) =>
      system.escalations.report(report, { tx }),
    )
    return { id: escalation.escalationId }
  }
  return {
    'GET /api/v1/escalations/{id}': { path: await raise('shown') },
    'POST /api/v1/escalations/{id}/acknowledge': { path: await raise('to-acknowledge') },
    'POST /api/v1/escalations/{id}/assign': {
      path: await raise('to-assign'),
      body: { assignee: 'operator-of-acme' },
    },
    'POST /api/v1/escalations/{id}/resolve': {
      path: await raise('to-resolve'),
      body: { resolution: 'The provider is up again.' },
    },
  }
}
