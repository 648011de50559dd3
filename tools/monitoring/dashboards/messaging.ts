import { type DashboardPlan, lines, p95, perSecond, rarePerSecond, stat } from '../dashboard-plan.ts'

/** From the outbox to the consumers, and what was given up. */
export const messaging: DashboardPlan = {
  name: 'messaging',
  title: 'Messaging',
  description: 'From the outbox over the streams to their consumers, and what was given up.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Dead letters', 'short', 'max(dlq_message_count)', { badFrom: 10 }),
        stat('Outbox lag', 's', 'max(outbox_lag_seconds)', { badFrom: 60 }),
        stat('Pending', 'short', 'sum(max by (stream, consumer) (messages_pending))', { badFrom: 1000 }),
      ],
    },
    {
      title: 'Streams',
      panels: [
        lines('Events from the outbox', 'ops', { events: perSecond('outbox_published_total') }),
        lines('Messages stored', 'ops', { '{{stream}}': perSecond('messages_published_total', 'stream') }),
        lines('Messages handled', 'ops', {
          '{{stream}} {{consumer}}': perSecond('messages_consumed_total', 'stream', 'consumer'),
        }),
        lines('Time of a handler, p95', 's', {
          '{{consumer}}': p95('message_handler_seconds', 'consumer'),
        }),
        lines('Pending', 'short', {
          '{{stream}} {{consumer}}': 'max by (stream, consumer) (messages_pending)',
        }),
        lines('Outbox lag', 's', { lag: 'max(outbox_lag_seconds)' }, { badFrom: 60 }),
      ],
    },
    {
      title: 'Failures',
      panels: [
        lines('Put back to be tried again', 'ops', { retried: perSecond('messages_retried_total') }),
        lines('Given up', 'ops', {
          '{{stream}} {{code}}': rarePerSecond('messages_dead_lettered_total', 'stream', 'code'),
        }),
        lines('Dead letters written and sent again', 'ops', {
          written: perSecond('dlq_recorded_total'),
          'sent again': perSecond('dlq_redriven_total'),
        }),
        lines('Webhooks', 'ops', { webhooks: perSecond('webhook_alerts_total') }),
      ],
    },
  ],
}
