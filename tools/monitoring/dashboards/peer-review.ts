import { type DashboardPlan, lines, p95, perHour, perSecond, stat } from '../dashboard-plan.ts'

/** Votes, consensus, and what agents could not settle. */
export const peerReview: DashboardPlan = {
  name: 'peer-review',
  title: 'Peer review',
  description: 'How fast agents come to a consensus, how they vote, and what is handed to people.',
  rows: [
    {
      title: 'Consensus',
      panels: [
        stat('Time to consensus, p95', 's', 'peer_review_consensus_time_p95', { badFrom: 180 }),
        stat('Rounds of the last hour', 'short', perHour('peer_review_consensus_time_seconds_count')),
        stat('Work that is due', 'short', 'max(queue_depth{service="peer-hub"})', { badFrom: 50 }),
        lines(
          'Time to consensus',
          's',
          {
            p95: p95('peer_review_consensus_time_seconds'),
            'p95, ten minutes': 'peer_review_consensus_time_p95',
          },
          { badFrom: 180, description: '180 seconds are promised at the 95th percentile.' },
        ),
        lines('Outcomes', 'ops', {
          '{{outcome}}': perSecond('peer_review_consensus_time_seconds_count', 'outcome'),
        }),
        lines('Votes by how they counted', 'ops', {
          '{{receipt}}': perSecond('review_votes_total', 'receipt'),
        }),
      ],
    },
    {
      title: 'Escalations and learning',
      panels: [
        lines('Open escalations', 'short', { open: 'max(escalations_open)' }),
        lines('What happened to escalations', 'ops', { events: perSecond('escalation_events_total') }),
        lines('Escalations settled in an hour', 'short', {
          settled: perHour('escalation_resolution_seconds_count'),
        }),
        lines('Acts on prompts', 'ops', { acts: perSecond('learning_acts_total') }),
      ],
    },
  ],
}
