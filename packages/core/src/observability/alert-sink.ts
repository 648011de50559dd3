/** How soon a person should look: `info` some day, `warning` today, `critical` now. */
export type AlertSeverity = 'info' | 'warning' | 'critical'

/** Something that a person should know. */
export interface Alert {
  /** What happened, as `noun.pastTense`: `deadLetter.recorded`. Routes and silences go by it. */
  readonly kind: string
  readonly severity: AlertSeverity
  /** One line for a person, without secrets. */
  readonly summary: string
  /** Default: the alert concerns no single tenant. */
  readonly tenantId?: string | undefined
  /** Alerts of one kind and key speak of one thing, so that a receiver may fold them. */
  readonly key?: string | undefined
  /** Further facts: JSON values, no secrets. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** Where alerts go. An alert never fails or delays the act that raised it. */
export interface AlertSink {
  /** Takes the alert over at once. Never throws; an alert that cannot be delivered is counted and logged. */
  raise(alert: Alert): void
}

/** Alerts that go nowhere: the default wherever alerts may be passed. */
export const silentAlertSink: AlertSink = Object.freeze({ raise: () => {} })

/** One sink that hands each alert to all of `sinks`; one that throws against the rule keeps it from no other. */
export function combineAlertSinks(sinks: readonly AlertSink[]): AlertSink {
  return {
    raise(alert) {
      for (const sink of sinks) {
        try {
          sink.raise(alert)
        } catch {
          // A sink that breaks its promise must not fail the act that raised the alert.
        }
      }
    },
  }
}
